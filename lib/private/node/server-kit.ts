import { existsSync, readFileSync, realpathSync } from 'node:fs';
import path from 'node:path';
import { statsOf } from '../common/file-path';
import { REQUEST_STATE_KEY_VARIABLE } from '../common/contract';
import { findInstalled } from '../modules/manifest';
import { withoutByteOrderMark } from '../program/json-files';
import { contentsOf, type ProgramFile } from '../program/program-files';

const SERVER_KIT = 'stateful-mcp-server';

/** Tools beside a server, which depend on the kit themselves. */
const NOT_SERVERS = ['stateful-mcp', 'stateful-mcp-local', 'stateful-mcp-client'];

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

/**
 * Whether a program has the server kit in it: what the kit reads is named in it, however it was minified, or it travels
 * along as a module.
 */
export function hasServerKit(program: ProgramFile | undefined, files: readonly ProgramFile[]): boolean {
  return (
    (program !== undefined && Buffer.from(contentsOf(program)).includes(REQUEST_STATE_KEY_VARIABLE)) ||
    files.some(({ name }) => /(?:^|\/)node_modules\/stateful-mcp-server\/package\.json$/.test(name))
  );
}

/**
 * Whether a program can be expected to have the kit in it, without bundling it. Its source names the kit, or its
 * project depends on it, itself or by a package. A stack must have the same shape whether it is bundled or not.
 */
export function expectsServerKit(entry: string, projectRoot: string): boolean {
  const isFile = statsOf(entry)?.isFile() === true;
  const source = isFile ? readFileSync(entry, 'utf8') : '';
  return source.includes(SERVER_KIT) || source.includes(REQUEST_STATE_KEY_VARIABLE) || dependsOnKit(projectRoot);
}

const known = new Map<string, boolean>();

function dependsOnKit(projectRoot: string): boolean {
  const file = path.join(projectRoot, 'package.json');
  const state = existsSync(file) ? readFileSync(file, 'utf8') : '{}';
  const key = `${file}\n${state}`;
  const manifest = parsed(state);
  const found =
    known.get(key) ??
    // What is bundled need not be a dependency of what is published.
    (SERVER_KIT in (manifest.devDependencies ?? {}) || search(projectRoot, manifest, new Set()));
  known.set(key, found);
  return found;
}

function search(folder: string, manifest: Manifest, visited: Set<string>): boolean {
  const { dependencies, optionalDependencies, peerDependencies } = manifest;
  const names = [dependencies, optionalDependencies, peerDependencies]
    .flatMap(group => Object.keys(group ?? {}))
    .filter(name => !NOT_SERVERS.includes(name));
  return (
    names.includes(SERVER_KIT) ||
    names.some(name => {
      const file = findInstalled(name, folder);
      if (file === undefined || visited.has(file)) {
        return false;
      }
      visited.add(file);
      return search(path.dirname(realpathSync(file)), parsed(readFileSync(file, 'utf8')), visited);
    })
  );
}

function parsed(text: string): Manifest {
  try {
    return (JSON.parse(withoutByteOrderMark(text)) as Manifest | null) ?? {};
  } catch {
    // Whoever needs the manifest says so: here it names nothing.
    return {};
  }
}
