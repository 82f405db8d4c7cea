import { execFileSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { buildSync } from 'esbuild';
import { removeTemporaryFolders, temporaryFolder } from '../../../../lib/private/common/temporary-folder';
import { project, removeProjects } from '../../fixtures/projects';

afterEach(removeProjects);

test('folders are new, and can be removed with what is in them', () => {
  const [first, second] = [temporaryFolder(), temporaryFolder()];
  expect(first).not.toBe(second);
  writeFileSync(path.join(first, 'file'), '');
  removeTemporaryFolders();
  expect([first, second].map(existsSync)).toEqual([false, false]);
});

test('folders go with the process', () => {
  const outfile = path.join(project({}), 'program.js');
  buildSync({
    stdin: {
      contents: 'import { temporaryFolder } from "./temporary-folder"; console.log(temporaryFolder());',
      resolveDir: path.join(__dirname, '../../../../lib/private/common'),
    },
    bundle: true,
    platform: 'node',
    outfile,
  });
  const folder = execFileSync(process.execPath, [outfile], { encoding: 'utf8' }).trim();
  expect(folder).toContain('cdk-stateful-mcp-');
  expect(existsSync(folder)).toBe(false);
});
