import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { RuntimeDefinition } from '../model/runtime-definition';
import { SNAPSHOT_PRELOAD } from './snapshot-preload';

let preload: string | undefined;

/**
 * What makes the processes of a runtime with platform version V2 start like copies of one snapshot. Until its first
 * request but that of the warm-up hook, each sees the same frozen time and draws the same random numbers as every other
 * process of the version. For Node.js; others get the variables alone, images nothing.
 */
export function snapshotEnvironment(
  { arn, features, environment, image }: RuntimeDefinition,
  version: string,
): Readonly<Record<string, string>> {
  if (features.platformVersion !== 'V2' || image !== undefined) {
    return {};
  }
  return {
    NODE_OPTIONS: [environment.NODE_OPTIONS, `--require ${JSON.stringify(preloadFile())}`].filter(Boolean).join(' '),
    ...(features.warmup && { STATEFUL_MCP_SNAPSHOT_HOOK: features.warmup.path }),
    STATEFUL_MCP_SNAPSHOT_SEED: createHash('sha256').update(`${arn} ${version}`).digest('hex'),
  };
}

/** What processes in snapshot mode read besides the files of their server. */
export function preloadedFiles(): readonly string[] {
  return preload === undefined ? [] : [preload];
}

/** A file, because --require takes nothing else; one for this program, gone with it. */
function preloadFile(): string {
  if (preload === undefined) {
    const directory = mkdtempSync(path.join(os.tmpdir(), 'stateful-mcp-snapshot-'));
    preload = path.join(directory, 'preload.cjs');
    writeFileSync(preload, SNAPSHOT_PRELOAD);
    process.once('exit', () => {
      rmSync(directory, { recursive: true, force: true });
    });
  }
  return preload;
}
