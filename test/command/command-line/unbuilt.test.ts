import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

test('says how to build the command in a clone that was only installed', () => {
  const clone = mkdtempSync(path.join(tmpdir(), 'stateful-mcp-test-'));
  try {
    const program = path.join(clone, 'stateful-mcp.mjs');
    copyFileSync(path.resolve(__dirname, '../../../command/stateful-mcp.mjs'), program);
    const { status, stdout, stderr } = spawnSync(process.execPath, [program, 'dev'], { encoding: 'utf8' });
    expect({ status, stdout, stderr }).toEqual({
      status: 1,
      stdout: '',
      stderr: 'error: stateful-mcp is not built yet in this clone. Run `npm run bundle` in it first.\n',
    });
  } finally {
    rmSync(clone, { recursive: true });
  }
});
