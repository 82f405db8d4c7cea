import { Token } from 'aws-cdk-lib';
import { CUSTOM_HEADER_PREFIX, HEADER_NAME, LONGEST_HEADER_ALLOWLIST, RESTRICTED_HEADERS } from '../common/contract';
import { described } from '../common/kinds';

/**
 * What the service would refuse in the headers that a runtime wants to see.
 *
 * @param hasTokens - whether callers bring a token; a signature is for the platform alone
 * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/runtime-header-allowlist.html
 */
export function forwardedHeaderProblems(names: readonly string[] | undefined, hasTokens: boolean): string[] {
  if (names === undefined || Token.isUnresolved(names)) {
    return [];
  }
  const count =
    names.length >= 1 && names.length <= LONGEST_HEADER_ALLOWLIST
      ? []
      : [
          `\`forwardHeaders\` names ${names.length} headers; 1 to ${LONGEST_HEADER_ALLOWLIST} are allowed: ` +
            (names.length === 0 ? 'leave it out instead' : 'put values together into fewer headers'),
        ];
  const keys = names.map(name => name.toLowerCase());
  return [
    ...count,
    ...names.flatMap((name, index) =>
      Token.isUnresolved(name)
        ? []
        : nameProblems(name, { isRepeated: keys.indexOf(name.toLowerCase()) < index, hasTokens }),
    ),
  ];
}

interface Circumstances {
  readonly isRepeated: boolean;
  readonly hasTokens: boolean;
}

function nameProblems(name: string, { isRepeated, hasTokens }: Circumstances): string[] {
  const key = name.toLowerCase();
  const got = `\`forwardHeaders\` names ${described(name)}`;
  if (!HEADER_NAME.test(name)) {
    return [
      `${got}; a letter, and then 255 letters, digits, \`-\` and \`_\` at most, are allowed: give the name of one header`,
    ];
  }
  if (isRepeated) {
    return [`${got} twice; upper and lower case are alike in headers: leave one out`];
  }
  if (RESTRICTED_HEADERS.includes(key)) {
    return [`${got}, which AgentCore Runtime never forwards: send the value in a header of your own`];
  }
  if (key.startsWith('x-amz-') || (key.startsWith('x-amzn-') && !key.startsWith(CUSTOM_HEADER_PREFIX))) {
    return [
      `${got}; of the names of AWS, only those that begin with \`X-Amzn-Bedrock-AgentCore-Runtime-Custom-\` are allowed: rename it`,
    ];
  }
  return key === 'authorization' && !hasTokens
    ? [
        `${got}; it is allowed where callers bring a token, since a signature is for the platform alone: ` +
          'set `auth` to `McpAuth.jwt(...)` or `McpAuth.cognito(...)`, or leave it out',
      ]
    : [];
}
