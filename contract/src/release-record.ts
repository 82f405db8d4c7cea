/** Before the name of a runtime, the name of the parameter of AWS Systems Manager that tells what was verified of it. */
export const RELEASE_RECORD_PREFIX = '/stateful-mcp/release/';
