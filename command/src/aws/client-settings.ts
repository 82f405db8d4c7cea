/**
 * For clients of the AWS SDK, which by themselves wait without end for a network that lets nothing through, and only
 * warn of a request that takes longer than it may.
 */
export const CLIENT_SETTINGS = {
  requestHandler: { connectionTimeout: 5_000, requestTimeout: 20_000, throwOnRequestTimeout: true },
} as const;
