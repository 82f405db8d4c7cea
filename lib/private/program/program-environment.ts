/** https://nodejs.org/api/cli.html#node_optionsoptions */
export const NODE_OPTIONS_VARIABLE = 'NODE_OPTIONS';

/**
 * The environment of a server: what its code needs, and what the user says, which wins. Of flags for Node.js, both
 * count, and the last one wins.
 */
export function programEnvironment(
  code: Readonly<Record<string, string>>,
  user: Readonly<Record<string, string>>,
): Record<string, string> {
  const flags = [code[NODE_OPTIONS_VARIABLE], user[NODE_OPTIONS_VARIABLE]].filter(Boolean);
  return { ...code, ...user, ...(flags.length === 0 ? {} : { [NODE_OPTIONS_VARIABLE]: flags.join(' ') }) };
}
