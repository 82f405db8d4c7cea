/**
 * Prices of microVMs on AgentCore Runtime, platform version V1, in US dollars; the same in all Regions that were looked
 * at. Billed are CPU that is used, and for each second the most memory so far.
 */
export const RUNTIME_PRICES = {
  perVcpuHour: 0.0895,
  perGigabyteHour: 0.00945,
  /** Least memory that is billed. */
  leastMemoryBytes: 128 * 1024 * 1024,
  /** Shortest time that is billed, in milliseconds. */
  leastTimeMs: 1000,
  source: 'https://aws.amazon.com/bedrock/agentcore/pricing/',
  /** When the source was read, and for which Region. */
  asOf: 'August 2026, us-east-1',
} as const;
