import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const folders: string[] = [];

/** A new folder that is there until the process ends: the files in it are read when an asset is staged. */
export function temporaryFolder(): string {
  if (folders.length === 0) {
    process.once('exit', removeTemporaryFolders);
  }
  const folder = realpathSync(mkdtempSync(path.join(os.tmpdir(), 'cdk-stateful-mcp-')));
  folders.push(folder);
  return folder;
}

export function removeTemporaryFolders(): void {
  for (const folder of folders.splice(0)) {
    rmSync(folder, { recursive: true, force: true });
  }
}
