import { invalidOption, LocalRuntimeError } from '../common/errors';

/** What one session may use. Source: devguide, "quotas for Bedrock AgentCore": 2 vCPU and 8 GB, fixed for microVMs. */
export interface SessionResources {
  /**
   * Processors that the processes of a session run on, a whole number. On Linux with `taskset` (util-linux), where this
   * machine has more; nothing limits them elsewhere. Containers of an `image` get the engine's `--cpus`, where it can
   * limit them.
   *
   * @default 2
   */
  readonly vcpus: number;
  /**
   * Bytes of memory of all processes of a session together. One that uses more ends as a microVM without memory does:
   * at once, with the reason `out-of-memory`. Memory is read once a second, less often while all sessions are far below
   * their limit, so a server may pass it until the next reading. Containers of an `image` get the engine's `--memory`,
   * where it can limit them.
   *
   * @default 8_589_934_592
   */
  readonly memoryBytes: number;
}

const OF_THE_SERVICE: SessionResources = { vcpus: 2, memoryBytes: 8 * 1024 ** 3 };

/** Undefined for no limits. */
export function sessionResources(given: Partial<SessionResources> | 'off' = {}): SessionResources | undefined {
  if (given === 'off') {
    return undefined;
  }
  if (typeof given !== 'object' || given === null) {
    throw invalidOption('resources', given, "'off' or an object");
  }
  const unknown = Object.keys(given).find(name => !(name in OF_THE_SERVICE));
  if (unknown !== undefined) {
    throw new LocalRuntimeError(
      'ERR_INVALID_OPTION',
      `\`resources.${unknown}\` is not a resource; the resources are ${Object.keys(OF_THE_SERVICE).join(', ')}`,
    );
  }
  const { vcpus = OF_THE_SERVICE.vcpus, memoryBytes = OF_THE_SERVICE.memoryBytes } = given;
  if (!Number.isInteger(vcpus) || vcpus < 1) {
    throw invalidOption('resources.vcpus', vcpus, 'a whole number, 1 or more');
  }
  if (!Number.isInteger(memoryBytes) || memoryBytes < 1) {
    throw invalidOption('resources.memoryBytes', memoryBytes, 'a whole number of bytes, 1 or more');
  }
  return { vcpus, memoryBytes };
}
