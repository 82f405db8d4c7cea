import { ControlPlane } from '../../aws/control-plane';
import { deploymentOf, useProfile } from '../../aws/deployment';
import { moveEndpoint, runtimeVersions } from '../../aws/runtime-versions';
import type { ReleaseInvocation } from '../../command-line/invocation';
import { CommandError, EXIT } from '../../common/command-error';
import type { MovedDocument, VersionsDocument } from '../../common/json-documents';
import { printJson } from '../../common/print-json';
import type { Shutdown } from '../../common/shutdown';
import { printable } from '../../common/printable';

/** Lists the versions of a runtime. */
export async function versions(invocation: ReleaseInvocation, shutdown: Shutdown): Promise<number> {
  const { found } = await shutdown.orEnd(looked(invocation, shutdown.signal));
  show(invocation, found, versionLines);
  return EXIT.ok;
}

/** Moves an endpoint to the version that was named. */
export async function promote(invocation: ReleaseInvocation, shutdown: Shutdown): Promise<number> {
  const moved = await shutdown.orEnd(move(invocation, shutdown.signal, () => invocation.version ?? ''));
  show(invocation, moved, movedLines);
  return EXIT.ok;
}

/** Moves an endpoint to the version that was named, or to the checked one before. */
export async function rollback(invocation: ReleaseInvocation, shutdown: Shutdown): Promise<number> {
  const choose = (found: VersionsDocument, served: string): string =>
    invocation.version ?? checkedBefore(found, served);
  show(invocation, await shutdown.orEnd(move(invocation, shutdown.signal, choose)), movedLines);
  return EXIT.ok;
}

async function looked(
  { target }: ReleaseInvocation,
  signal: AbortSignal,
): Promise<{ control: ControlPlane; found: VersionsDocument }> {
  useProfile(target);
  const deployment = await deploymentOf(target);
  const control = new ControlPlane(deployment);
  return { control, found: await runtimeVersions(control, deployment, signal) };
}

async function move(
  invocation: ReleaseInvocation,
  signal: AbortSignal,
  choose: (found: VersionsDocument, served: string) => string,
): Promise<MovedDocument> {
  const { endpoint: name } = invocation;
  const { control, found } = await looked(invocation, signal);
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
  if (endpoint.version !== version || endpoint.status !== 'READY') {
    await moveEndpoint(control, { name, version }, signal);
  }
  return {
    runtime: found.runtime,
    endpoint: name,
    version,
    before: endpoint.version,
    notes: notesOn(found, chosen, name),
  };
}

function movedLines({ endpoint, version, before, notes }: MovedDocument): string[] {
  const moved =
    before === version
      ? `${endpoint} serves version ${version} already`
      : `${endpoint} serves version ${version}, before it was ${before}. Sessions that are open keep their version.`;
  return [moved, ...notes];
}

/** What people have to know of the version that an endpoint serves now. */
function notesOn(
  { versions: all, recordProblem }: VersionsDocument,
  chosen: VersionsDocument['versions'][number],
  name: string,
): string[] {
  const newest = all[0]?.version;
  return [
    ...(chosen.checked !== undefined
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

function checkedBefore({ versions: all, recordProblem }: VersionsDocument, served: string): string {
  const before = all.find(
    ({ version, status, checked }) => checked !== undefined && status === 'READY' && Number(version) < Number(served),
  );
  if (before !== undefined) {
    return before.version;
  }
  throw new CommandError(
    `no version before ${served} is recorded as checked${recordProblem === undefined ? '' : ` (${recordProblem})`}: name the version to go back to`,
    EXIT.usage,
  );
}

function versionLines({ runtime, versions: all, endpoints, recordProblem }: VersionsDocument): string[] {
  const rows = [
    ['version', 'status', 'updated', 'served by', 'checked'],
    ...all.map(({ version, status, updatedAt = '', endpoints: serving, checked }) => [
      version,
      status,
      updatedAt.replace('T', ' ').replace(/\.\d+Z$/, ''),
      serving.join(', ') || '-',
      checked === undefined ? '-' : `${checked.verdict}, ${checked.checkedAt}`,
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

function show<Document extends object>(
  { json }: ReleaseInvocation,
  document: Document,
  linesOf: (document: Document) => readonly string[],
): void {
  if (json) {
    printJson(document);
  } else {
    process.stdout.write(`${printable(linesOf(document).join('\n'))}\n`);
  }
}
