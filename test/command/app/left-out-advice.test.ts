import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { LeftOutRuntime } from 'stateful-mcp-local';
import { leftOutAdvice } from '../../../command/src/app/left-out-advice';
import { removeTemporaryFolders, synthesizedAssembly } from '../assembly';
import { startDev } from '../dev-command';
import { endCommands, run } from '../run-command';

afterAll(endCommands);
afterAll(removeTemporaryFolders);

const RUNTIME: LeftOutRuntime = {
  name: 'a',
  arn: 'arn',
  code: 'binary',
  message: '',
  protocol: 'MCP',
  command: undefined,
  source: undefined,
};
const source = { projectRoot: '/project' };

test.each<[Partial<LeftOutRuntime>, string | undefined]>([
  [
    { code: 'image' },
    'run it by itself: `stateful-mcp dev --image IMAGE`, or from its source: `stateful-mcp dev -- COMMAND…`',
  ],
  [
    { command: ['python3', 'main.py'], source },
    'run it from its source, with what is installed here: `cd /project && stateful-mcp dev -- python3 main.py`',
  ],
  [
    {
      command: ['node', 'index.js'],
      source: { ...source, esbuildOptions: { entryPoints: ['/project/src/server.ts'] } },
    },
    'run it from its source, with what is installed here: `cd /project && stateful-mcp dev -- npx tsx src/server.ts`',
  ],
  [
    { command: ['node', 'index.js'], source: { ...source, esbuildOptions: { entryPoints: ['/project/server.js'] } } },
    'run it from its source, with what is installed here: `cd /project && stateful-mcp dev -- node server.js`',
  ],
  [
    { command: ['node', 'index.js'], source },
    'run it from its source, with what is installed here: `stateful-mcp dev -- COMMAND…`',
  ],
  [{ code: 'protocol', protocol: 'HTTP' }, 'run it by itself: `stateful-mcp dev --protocol http -- COMMAND…`'],
  [{ code: 'protocol', protocol: 'A2A' }, undefined],
])('advises what this command can do for %j', (more, advice) => {
  expect(leftOutAdvice({ ...RUNTIME, ...more })).toBe(advice);
});

/** Makes an image of the named runtimes of an assembly. */
function withImages(assembly: string, ...names: readonly string[]): string {
  const [file = ''] = readdirSync(assembly).filter(name => name.endsWith('.template.json'));
  const template = JSON.parse(readFileSync(path.join(assembly, file), 'utf8')) as {
    Resources: Record<string, { Properties?: Record<string, unknown> }>;
  };
  for (const { Properties } of Object.values(template.Resources)) {
    if (Properties && names.includes(String(Properties.AgentRuntimeName))) {
      Properties.AgentRuntimeArtifact = { ContainerConfiguration: { ContainerUri: 'image' } };
    }
  }
  writeFileSync(path.join(assembly, file), JSON.stringify(template));
  return assembly;
}

test('dev serves what can run of an app and says what the rest needs', async () => {
  const developing = await startDev(['--app', withImages(synthesizedAssembly('first', 'image'), 'image')]);
  expect(developing.output()).toMatch(
    /^\[image\] is left out: it is a container image; run it by itself: `stateful-mcp dev --image IMAGE`, or/m,
  );
  expect((await run(['call', '--url', `${developing.origin}/mcp`, 'greet', '{"name":"Zoe"}'])).stdout).toBe(
    'hello Zoe, call 1\n',
  );
  const { code, stderr } = await run(['call', '--url', `${developing.origin}/image/mcp`, 'greet']);
  expect(code).toBe(1);
  expect(stderr).toContain(
    'not served here: runtime `image` is a container image; run it by itself: `stateful-mcp dev --image IMAGE`',
  );
});

test('dev ends with the reason when nothing of an app can run', async () => {
  const { code, stderr } = await run([
    'dev',
    '--port',
    '0',
    '--app',
    withImages(synthesizedAssembly('image'), 'image'),
  ]);
  expect({ code, stderr }).toEqual({
    code: 1,
    stderr: expect.stringMatching(
      /^error: runtime `image` is a container image; run it by itself: `stateful-mcp dev --image/,
    ) as string,
  });
});
