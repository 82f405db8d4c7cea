import { invalidOption } from '../common/errors';

/**
 * Limits of one request. Source: devguide, "quotas for Bedrock AgentCore", and the service model of InvokeAgentRuntime.
 */
export interface RequestLimits {
  /**
   * Bytes of a request body.
   *
   * @default 100_000_000
   */
  readonly payloadBytes: number;
  /**
   * Bytes of one event of an event stream: the documentation's "streaming chunk", whose boundaries it does not define.
   *
   * @default 10_000_000
   */
  readonly chunkBytes: number;
  /**
   * Milliseconds a request may take, with the arrival of its body, until its response is complete, when that is no event
   * stream.
   *
   * @default 900_000
   */
  readonly requestMs: number;
  /**
   * Milliseconds an event stream may last.
   *
   * @default 3_600_000
   */
  readonly streamMs: number;
}

/** Quotas of an account, here of one `LocalRuntime`. Source: devguide, "quotas for Bedrock AgentCore" (August 2026). */
export interface Quotas {
  /**
   * Requests a second to the data plane, all operations and runtimes together.
   *
   * @default 1000
   */
  readonly requestsPerSecond: number;
  /**
   * Sessions started a second, all runtimes together.
   *
   * @default 25
   */
  readonly newSessionsPerSecond: number;
  /**
   * Sessions that live at once, all runtimes together.
   *
   * @default 5000 - in us-east-1 and us-west-2; 2500 elsewhere
   */
  readonly activeSessions: number;
}

const UNLIMITED: Quotas = { requestsPerSecond: Infinity, newSessionsPerSecond: Infinity, activeSessions: Infinity };
const LARGE_REGIONS = ['us-east-1', 'us-west-2'];

export function requestLimits(given: Partial<RequestLimits> = {}): RequestLimits {
  return above0('limits', {
    payloadBytes: 100_000_000,
    chunkBytes: 10_000_000,
    requestMs: 900_000,
    streamMs: 3_600_000,
    ...given,
  });
}

export function quotasOf(given: Partial<Quotas> | 'off' = {}, region = ''): Quotas {
  if (given === 'off') {
    return UNLIMITED;
  }
  return above0('quotas', {
    requestsPerSecond: 1000,
    newSessionsPerSecond: 25,
    activeSessions: LARGE_REGIONS.includes(region) ? 5000 : 2500,
    ...given,
  });
}

function above0<Values extends object>(option: string, values: Values): Values {
  for (const [name, value] of Object.entries(values)) {
    if (!(typeof value === 'number' && value > 0)) {
      throw invalidOption(`${option}.${name}`, value, 'a number above 0');
    }
  }
  return values;
}
