import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { nearest, readManifest } from './manifest';

/**
 * Tells whether a package was patched after it was published, by patch-package, pnpm or Yarn: then it is that of the
 * project, and never fetched.
 */
export function patchFinder(projectRoot: string): (name: string) => boolean {
  const patches = patchNames(projectRoot);
  const [pnpm, yarn] = ['pnpm-workspace.yaml', 'yarn.lock'].map(file => textOf(nearest(file, projectRoot)));
  const declared = declaredPatches(projectRoot);
  return name =>
    patches.some(
      file => file.startsWith(`${name.replace('/', '+')}+`) || file.includes(`++${name.replace('/', '+')}+`),
    ) ||
    declared.some(key => key === name || key.startsWith(`${name}@`)) ||
    new RegExp(`^\\s+['"]?${escaped(name)}(?:@[^:\\n]*)?['"]?:.*\\.patch`, 'm').test(pnpm ?? '') ||
    (yarn ?? '').includes(`${name}@patch:`);
}

function patchNames(projectRoot: string): string[] {
  const folder = nearest('patches', projectRoot);
  return folder === undefined || !statSync(folder).isDirectory()
    ? []
    : readdirSync(folder).filter(name => name.endsWith('.patch'));
}

function declaredPatches(folder: string): string[] {
  const file = path.join(folder, 'package.json');
  const manifest = existsSync(file) ? readManifest(file) : {};
  const above = path.dirname(folder);
  return [
    ...Object.keys({ ...manifest.pnpm?.patchedDependencies, ...manifest.patchedDependencies }),
    ...(above === folder ? [] : declaredPatches(above)),
  ];
}

function textOf(file: string | undefined): string | undefined {
  return file === undefined ? undefined : readFileSync(file, 'utf8');
}

/** Text as a regular expression that matches it. */
export function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
