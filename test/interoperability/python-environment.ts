import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/**
 * Installs a package of Python with its dependencies in a folder of its own for the tests of a file, and gives a
 * function that says where its programs are (`python` among them). Done once and ahead: what is resolved and fetched by
 * the first start of a server counts against its start limit.
 */
export function pythonEnvironment(requirement: string): (program: string) => string {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'stateful-mcp-python-'));
    execFileSync('uv', ['venv', '--quiet', folder]);
    execFileSync('uv', ['pip', 'install', '--quiet', '--python', folder, requirement]);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return program => path.join(folder, 'bin', program);
}

/** FastMCP in the version that the tests talk to. */
export const FASTMCP = 'fastmcp==4.0.10';
