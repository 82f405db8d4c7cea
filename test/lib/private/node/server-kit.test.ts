import { hasServerKit } from '../../../../lib/private/node/server-kit';
import type { ProgramFile } from '../../../../lib/private/program/program-files';

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
