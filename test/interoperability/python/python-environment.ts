import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/**
 * Installs packages of Python with their dependencies in a folder of its own for the tests of a file, and gives a
 * function that says where its programs are (`python` among them). Done once and ahead: what is resolved and fetched by
 * the first start of a server counts against its start limit.
 */
export function pythonEnvironment(...requirements: readonly string[]): (program: string) => string {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'stateful-mcp-python-'));
    execFileSync('uv', ['venv', '--quiet', folder]);
    execFileSync('uv', ['pip', 'install', '--quiet', '--python', folder, ...requirements]);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return program => path.join(folder, 'bin', program);
}

/** FastMCP in the version that the tests talk to. */
export const FASTMCP = 'fastmcp==4.2.3';

/** The server kit for FastMCP, from this repository. */
export const KIT = path.join(__dirname, '..', '..', '..', 'python');

/** The AWS SDK in the version of the sample. */
export const BOTO3 = 'boto3==1.44.8';
