/**
 * In `params._meta` of a `ping`: asks which process answers. In `_meta` of the answer of a server on the server kit: a
 * text that is another one for each process, also where many are restored from one snapshot.
 */
export const PROCESS_META_KEY = 'stateful-mcp/process';
