import { resolveTarget } from 'stateful-mcp-client';
import type { ReleaseInvocation } from '../command-line/invocation';
import { CommandError, EXIT } from '../common/command-error';
import type { Shutdown } from '../common/shutdown';
import { printable } from '../conversation/text-format';
import {
  RuntimeControl,
  type RuntimePlace,
  type RuntimeVersion,
  type RuntimeVersions,
} from '../release/runtime-versions';

/** Lists the versions of a runtime. */
export async function versions(invocation: ReleaseInvocation, shutdown: Shutdown): Promise<number> {
  return withControl(invocation, shutdown, async control => {
    const found = await control.versions();
    show(invocation, found, () => versionLines(found));
  });
}

/** Moves an endpoint to the version that was named. */
export async function promote(invocation: ReleaseInvocation, shutdown: Shutdown): Promise<number> {
  return withControl(invocation, shutdown, control => moved(invocation, control, () => invocation.version ?? ''));
}

/** Moves an endpoint to the version that was named, or to the checked one before. */
export async function rollback(invocation: ReleaseInvocation, shutdown: Shutdown): Promise<number> {
  return withControl(invocation, shutdown, control =>
    moved(invocation, control, (found, served) => invocation.version ?? verifiedBefore(found, served)),
  );
}

async function withControl(
  { target, profile }: ReleaseInvocation,
  shutdown: Shutdown,
  work: (control: RuntimeControl) => Promise<void>,
): Promise<number> {
  if (profile !== undefined) {
    process.env.AWS_PROFILE = profile;
  }
  const control = await RuntimeControl.of(await shutdown.orEnd(placeOf(target)), shutdown.signal);
  try {
    await shutdown.orEnd(work(control));
    return EXIT.ok;
  } finally {
    control.close();
  }
}

async function placeOf({ address, region }: ReleaseInvocation['target']): Promise<RuntimePlace> {
  const { runtime } = await resolveTarget(address, { region });
  const id = runtime && /(?:^|:runtime\/)([A-Za-z][\w-]*)$/.exec(runtime.runtime)?.[1];
  if (runtime === undefined || id === undefined) {
    throw new CommandError(
      `${address} is no runtime of AgentCore: pass its ARN, its invocation URL, or an output of the stack with one of these`,
      EXIT.usage,
    );
  }
  return { arn: runtime.runtime, id, region: runtime.region };
}

async function moved(
  invocation: ReleaseInvocation,
  control: RuntimeControl,
  choose: (found: RuntimeVersions, served: string) => string,
): Promise<void> {
  const { endpoint: name } = invocation;
  const found = await control.versions();
  const endpoint = found.endpoints.find(one => one.name === name);
  if (endpoint === undefined || name === 'DEFAULT') {
    const movable = found.endpoints.map(one => one.name).filter(one => one !== 'DEFAULT');
    throw new CommandError(
      name === 'DEFAULT'
        ? "the endpoint DEFAULT is the service's own, and always serves the newest version: name another by `--endpoint`"
        : `there is no endpoint \`${name}\`. There is: ${movable.join(', ') || 'none besides DEFAULT'}`,
      EXIT.usage,
    );
  }
  const version = choose(found, endpoint.version);
  const chosen = found.versions.find(one => one.version === version);
  if (chosen?.status !== 'READY') {
    const ready = found.versions.filter(({ status }) => status === 'READY').map(one => one.version);
    const problem = chosen === undefined ? 'does not exist' : `is in the state ${chosen.status}`;
    throw new CommandError(`version ${version} ${problem}. READY: ${ready.join(', ') || 'none'}`, EXIT.usage);
  }
  const isThere = endpoint.version === version && endpoint.status === 'READY';
  if (!isThere) {
    await control.move(name, version);
  }
  const notes = notesOn(found, chosen, name);
  show(invocation, { runtime: found.runtime, endpoint: name, version, before: endpoint.version, notes }, () => [
    isThere
      ? `${name} serves version ${version} already`
      : `${name} serves version ${version}, before it was ${endpoint.version}. Sessions that are open keep their version.`,
    ...notes,
  ]);
}

/** What people have to know of the version that an endpoint serves now. */
function notesOn({ versions: all, recordProblem }: RuntimeVersions, chosen: RuntimeVersion, name: string): string[] {
  const newest = all[0]?.version;
  return [
    ...(chosen.verified !== undefined
      ? []
      : [
          recordProblem === undefined
            ? `no record says that version ${chosen.version} was checked: see \`stateful-mcp check\``
            : `whether version ${chosen.version} was checked is not known: ${recordProblem}`,
        ]),
    ...(chosen.version === newest
      ? []
      : [
          `this differs from the template, which has \`${name}\` serve the newest version that passed, as a rule ${newest}: ` +
            'the next deployment that changes the server moves it again',
        ]),
  ];
}

function verifiedBefore({ versions: all, recordProblem }: RuntimeVersions, served: string): string {
  const before = all.find(
    ({ version, status, verified }) => verified !== undefined && status === 'READY' && Number(version) < Number(served),
  );
  if (before !== undefined) {
    return before.version;
  }
  throw new CommandError(
    `no version before ${served} is recorded as checked${recordProblem === undefined ? '' : ` (${recordProblem})`}: name the version to go back to`,
    EXIT.usage,
  );
}

function versionLines({ runtime, versions: all, endpoints, recordProblem }: RuntimeVersions): string[] {
  const rows = [
    ['version', 'status', 'updated', 'served by', 'checked'],
    ...all.map(({ version, status, updatedAt = '', endpoints: serving, verified }) => [
      version,
      status,
      updatedAt.replace('T', ' ').replace(/\.\d+Z$/, ''),
      serving.join(', ') || '-',
      verified === undefined ? '-' : `${verified.verdict}, ${verified.checkedAt}`,
    ]),
  ];
  const widths = [0, 1, 2, 3].map(column => Math.max(...rows.map(row => row[column]?.length ?? 0)));
  const unsettled = endpoints.filter(({ status }) => status !== 'READY');
  return [
    runtime,
    ...rows.map(row => `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd()),
    ...unsettled.map(({ name, status }) => `the endpoint ${name} is in the state ${status}`),
    ...(recordProblem === undefined ? [] : [`what was checked is not known: ${recordProblem}`]),
  ];
}

function show({ json }: ReleaseInvocation, result: unknown, lines: () => readonly string[]): void {
  process.stdout.write(json ? `${JSON.stringify(result, undefined, 2)}\n` : `${printable(lines().join('\n'))}\n`);
}
