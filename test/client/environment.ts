import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const before = { ...process.env };
const directories: string[] = [];

/** Puts the environment back as it was, and removes the directories of the test. */
export function restoreEnvironment(): void {
  for (const name of Object.keys(process.env)) {
    if (!(name in before)) {
      delete process.env[name];
    }
  }
  Object.assign(process.env, before);
  for (const directory of directories.splice(0)) {
    rmSync(directory, { recursive: true, force: true });
  }
}

export function temporaryDirectory(): string {
  const directory = mkdtempSync(path.join(os.tmpdir(), 'stateful-mcp-client-'));
  directories.push(directory);
  return directory;
}

/** A home directory with files of AWS alone: nothing of whoever runs the tests. Gives back the directory. */
export function awsHome(files: { config?: string; credentials?: string }): string {
  for (const name of Object.keys(process.env)) {
    if (name.startsWith('AWS_')) {
      delete process.env[name];
    }
  }
  const directory = temporaryDirectory();
  for (const [name, text] of Object.entries({ config: '', credentials: '', ...files })) {
    writeFileSync(path.join(directory, name), text);
  }
  Object.assign(process.env, {
    HOME: directory,
    AWS_CONFIG_FILE: path.join(directory, 'config'),
    AWS_SHARED_CREDENTIALS_FILE: path.join(directory, 'credentials'),
    AWS_EC2_METADATA_DISABLED: 'true',
  });
  return directory;
}
