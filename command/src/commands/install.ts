import type { InstallInvocation, TargetFlags } from '../command-line/invocation';
import { CommandError, EXIT } from '../common/command-error';
import type { InstallDocument, PrintedInstallDocument } from '../common/json-documents';
import { printJson } from '../common/print-json';
import type { Shutdown } from '../common/shutdown';
import { printable } from '../common/printable';
import type { Host } from '../hosts/host';
import type { HostDocument } from '../hosts/host-document';
import { readHostFile, writeHostFile } from '../hosts/host-file';
import { hostPlaces } from '../hosts/host-places';
import { HOSTS } from '../hosts/hosts';
import { planInstallation, type Installation } from '../hosts/installation';
import { jsonDocument } from '../hosts/json-document';
import { merge, remove, type Change } from '../hosts/merge';
import { yamlDocument } from '../hosts/yaml-document';

/** Tells an MCP host of a server, or takes the server out again. */
export async function install(invocation: InstallInvocation, shutdown: Shutdown): Promise<number> {
  const { target, scope, action, name } = invocation;
  const host = HOSTS[invocation.host];
  const place = host.file(scope, hostPlaces(process.cwd()));
  if (place === undefined) {
    throw new CommandError(`${host.title} has no file for a project: leave out \`--scope project\``, EXIT.usage);
  }
  if (action === 'uninstall' && (name !== undefined || target === undefined)) {
    return uninstall(invocation, host, place, name ?? '');
  }
  const planned = await shutdown.orEnd(
    planInstallation(invocation as InstallInvocation & { target: TargetFlags }, host),
  );
  switch (action) {
    case 'uninstall':
      return uninstall(invocation, host, place, planned.name);
    case 'print':
      return print(invocation, host, place, planned);
    case 'write':
      return write(invocation, host, place, planned);
  }
}

async function write(
  invocation: InstallInvocation,
  host: Host,
  place: string,
  { name, entry, because }: Installation,
): Promise<number> {
  const file = await readHostFile(place);
  const document = documentOf(host, file.text ?? '', file.path);
  const change = merge(document, host, name, host.entry(name, entry));
  const backup =
    change === 'unchanged'
      ? undefined
      : await writeHostFile(file, document.text(), { isPrivate: invocation.scope === 'user' });
  const next = host.next(name, entry, invocation.scope);
  report(invocation, host, { name, file: file.path, change, backup, because, next });
  return EXIT.ok;
}

/** The file that has nothing but this server, for somebody to merge. */
function print(invocation: InstallInvocation, host: Host, place: string, { name, entry }: Installation): number {
  const document = documentOf(host, '', place);
  merge(document, host, name, host.entry(name, entry));
  process.stderr.write(`for ${place}; then ${host.next(name, entry, invocation.scope)}\n`);
  if (invocation.json) {
    const printed = document.get([host.section, name]);
    printJson<PrintedInstallDocument>({ host: invocation.host, name, file: place, entry: printed });
  } else {
    process.stdout.write(document.text());
  }
  return EXIT.ok;
}

async function uninstall(invocation: InstallInvocation, host: Host, place: string, name: string): Promise<number> {
  const file = await readHostFile(place);
  const document = documentOf(host, file.text ?? '', file.path);
  const change = remove(document, host, name);
  const backup =
    change === 'absent'
      ? undefined
      : await writeHostFile(file, document.text(), { isPrivate: invocation.scope === 'user' });
  report(invocation, host, { name, file: file.path, change, backup });
  return EXIT.ok;
}

function documentOf({ format }: Host, text: string, file: string): HostDocument {
  return format === 'json' ? jsonDocument(text, file) : yamlDocument(text, file);
}

const SENTENCES: Readonly<Record<Change, (name: string, title: string) => string>> = {
  added: (name, title) => `${name} is installed in ${title}`,
  replaced: (name, title) => `${name} is installed in ${title}, in the place of another entry of this name`,
  unchanged: (name, title) => `${name} was installed in ${title} already`,
  removed: (name, title) => `${name} is removed from ${title}`,
  absent: (name, title) => `${title} has no server ${name}`,
};

interface Outcome {
  readonly name: string;
  readonly file: string;
  readonly change: Change;
  readonly backup: string | undefined;
  readonly because?: string;
  readonly next?: string;
}

function report(
  invocation: InstallInvocation,
  host: Host,
  { name, file, change, backup, because, next }: Outcome,
): void {
  if (invocation.json) {
    printJson<InstallDocument>({ host: invocation.host, name, file, change, ...(backup !== undefined && { backup }) });
    return;
  }
  const lines = [
    SENTENCES[change](name, host.title),
    `  file    ${file}`,
    ...(backup === undefined ? [] : [`  before  ${backup}`]),
    ...(because === undefined ? [] : [`  by      \`stateful-mcp proxy\`: ${host.title} ${because}`]),
    ...(next === undefined ? [] : [`  next    ${next}`]),
  ];
  process.stdout.write(`${printable(lines.join('\n'))}\n`);
}
