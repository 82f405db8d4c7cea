import path from 'node:path';
import { expectsServerKit, hasServerKit } from '../../../../lib/private/node/server-kit';
import type { ProgramFile } from '../../../../lib/private/program/program-files';
import { project, removeProjects } from '../../fixtures/projects';

afterEach(removeProjects);

function named(name: string): ProgramFile {
  return { name, contents: Buffer.from('{}') };
}

test.each([
  'node_modules/stateful-mcp-server/package.json',
  'node_modules/a/node_modules/stateful-mcp-server/package.json',
])('the kit is found among modules, as %s', name => {
  expect(hasServerKit(undefined, [named('index.js'), named(name)])).toBe(true);
});

test.each([
  'node_modules/stateful-mcp-server-tools/package.json',
  'node_modules/@team/stateful-mcp-server/package.json',
  'stateful-mcp-server/package.json',
])('%s is not the kit', name => {
  expect(hasServerKit(undefined, [named(name)])).toBe(false);
});

test.each(['', '\uFEFF'])(
  'the kit is expected of a project that depends on it, by a manifest that begins with %j',
  mark => {
    const manifest = JSON.stringify({ dependencies: { 'stateful-mcp-server': '*' } });
    const root = project({ 'package.json': mark + manifest, 'server.ts': '' });
    expect(expectsServerKit(path.join(root, 'server.ts'), root)).toBe(true);
  },
);
