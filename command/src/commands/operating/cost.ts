import { DEFAULT_IDLE_TIMEOUT_SECONDS, DEFAULT_MAX_LIFETIME_SECONDS, RUNTIME_PRICES } from 'stateful-mcp-contract';
import { ControlPlane } from '../../aws/control-plane';
import { deploymentOf, useProfile } from '../../aws/deployment';
import type { CostInvocation } from '../../command-line/invocation';
import { EXIT } from '../../common/command-error';
import type { CostDocument } from '../../common/json-documents';
import { printJson } from '../../common/print-json';
import type { Shutdown } from '../../common/shutdown';
import { durationText } from '../../conversation/text-format';

const SECONDS_PER_HOUR = 3600;
const MB_PER_GB = 1024;

/** What a microVM has. */
const MOST = { vcpus: 2, megabytes: 8 * MB_PER_GB };

/** Estimates what sessions cost. */
export async function cost(invocation: CostInvocation, shutdown: Shutdown): Promise<number> {
  const assumptions = await shutdown.orEnd(assumptionsOf(invocation));
  const estimate = estimateOf(assumptions);
  if (invocation.json) {
    printJson(estimate);
  } else {
    process.stdout.write(`${estimateText(estimate)}\n`);
  }
  return EXIT.ok;
}

async function assumptionsOf({
  target,
  sessions,
  minutes,
  cpuSeconds,
  memoryMegabytes,
  ...given
}: CostInvocation): Promise<CostDocument['assumptions']> {
  const read = target && (await lifecycleOf(target));
  const maxLifetimeSeconds = given.maxLifetimeSeconds ?? read?.maxLifetime ?? DEFAULT_MAX_LIFETIME_SECONDS;
  const idle = given.idleTimeoutSeconds ?? read?.idleRuntimeSessionTimeout ?? DEFAULT_IDLE_TIMEOUT_SECONDS;
  return {
    sessions,
    minutes,
    cpuSeconds,
    memoryMegabytes,
    // As AgentCore does where only the lifetime is given.
    idleTimeoutSeconds: Math.min(idle, maxLifetimeSeconds),
    maxLifetimeSeconds,
  };
}

async function lifecycleOf(
  target: NonNullable<CostInvocation['target']>,
): Promise<{ idleRuntimeSessionTimeout?: number; maxLifetime?: number } | undefined> {
  useProfile(target);
  const deployment = await deploymentOf(target);
  const controlPlane = new ControlPlane(deployment);
  const { liveVersion } = await controlPlane.endpoint(deployment.qualifier);
  return (await controlPlane.runtime(liveVersion)).lifecycleConfiguration;
}

/** By the published formula: memory is billed until the end, also while nobody asks anything. */
export function estimateOf(assumptions: CostDocument['assumptions']): CostDocument {
  const { sessions, minutes, cpuSeconds, memoryMegabytes, idleTimeoutSeconds, maxLifetimeSeconds } = assumptions;
  const busySeconds = Math.min(Math.max(minutes * 60, RUNTIME_PRICES.leastTimeMs / 1000), maxLifetimeSeconds);
  const idleSeconds = Math.min(idleTimeoutSeconds, maxLifetimeSeconds - busySeconds);
  const cpu = vcpuPrice(cpuSeconds);
  const memory = memoryPrice(memoryMegabytes, busySeconds);
  const idle = memoryPrice(memoryMegabytes, idleSeconds);
  return {
    assumptions,
    session: { cpu, memory, idle, total: cpu + memory + idle },
    total: sessions * (cpu + memory + idle),
    totalWhenEnded: sessions * (cpu + memory),
    mostOfOneSession: vcpuPrice(MOST.vcpus * maxLifetimeSeconds) + memoryPrice(MOST.megabytes, maxLifetimeSeconds),
    prices: {
      perVcpuHour: RUNTIME_PRICES.perVcpuHour,
      perGigabyteHour: RUNTIME_PRICES.perGigabyteHour,
      source: RUNTIME_PRICES.source,
      asOf: RUNTIME_PRICES.asOf,
    },
  };
}

function vcpuPrice(seconds: number): number {
  return (seconds / SECONDS_PER_HOUR) * RUNTIME_PRICES.perVcpuHour;
}

function memoryPrice(megabytes: number, seconds: number): number {
  const billed = Math.max(megabytes, RUNTIME_PRICES.leastMemoryBytes / 1024 / 1024);
  return (billed / MB_PER_GB) * (seconds / SECONDS_PER_HOUR) * RUNTIME_PRICES.perGigabyteHour;
}

function estimateText({ assumptions, session, total, totalWhenEnded, mostOfOneSession, prices }: CostDocument): string {
  const { sessions, minutes, cpuSeconds, memoryMegabytes, idleTimeoutSeconds, maxLifetimeSeconds } = assumptions;
  const rows: [string, number, string][] = [
    ['CPU', session.cpu, `${cpuSeconds} s`],
    ['memory', session.memory, `${memoryMegabytes} MB for ${durationText(minutes * 60_000)}`],
    [
      'idle time',
      session.idle,
      `${memoryMegabytes} MB until the idle timeout, ${durationText(idleTimeoutSeconds * 1000)}`,
    ],
    ['one session', session.total, ''],
    [`${sessions.toLocaleString('en-US')} sessions`, total, ''],
    ['  if ended', totalWhenEnded, 'each is ended with its last request, by `close()` or StopRuntimeSession'],
    ['at worst', mostOfOneSession, `one session with 2 vCPU and 8 GB for ${durationText(maxLifetimeSeconds * 1000)}`],
  ];
  const width = Math.max(...rows.map(([label]) => label.length));
  return [
    'An estimate, in US dollars:',
    '',
    ...rows.map(([label, amount, note]) =>
      `${label.padEnd(width)}  ${dollars(amount).padStart(12)}  ${note}`.trimEnd(),
    ),
    '',
    `${prices.perVcpuHour} for a vCPU hour, ${prices.perGigabyteHour} for a GB hour (${prices.asOf}): ${prices.source}`,
    'Platform version V1. Images, logs and data transfer are billed apart.',
  ].join('\n');
}

/** Four digits that mean something, without an exponent. */
function dollars(amount: number): string {
  return amount === 0 ? '0' : amount.toLocaleString('en-US', { maximumSignificantDigits: 4, useGrouping: true });
}
