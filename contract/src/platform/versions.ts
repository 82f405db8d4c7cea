/**
 * Bytes of names and values of the environment. On platform version V2 they are in the snapshot.
 *
 * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/runtime-how-it-works.html
 */
export const ENVIRONMENT_BYTES = { V1: 4096, V2_CONTAINER: 2560, V2_CODE: 1536 } as const;

/** Where platform version V2 was offered in September 2026: the same page. */
export const V2_REGIONS: readonly string[] = ['us-east-1', 'us-east-2', 'us-west-2', 'eu-west-1', 'ap-northeast-1'];
