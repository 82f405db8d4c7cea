import path from 'node:path';
import type { LocalRuntime } from 'stateful-mcp-local';
import { imageRuntimeResource, PYTHON_SERVER, writeAssembly } from '../assembly';
import { newRuntime, type Described } from '../running';
import { describedBy, startAssembly } from './assembly-runtime';

describe('an image that the deployment makes of a program', () => {
  const lines: string[] = [];
  beforeEach(() => {
    lines.length = 0;
  });
  const startImage = (program: object, files?: Readonly<Record<string, string>>): Promise<LocalRuntime> =>
    startAssembly(
      writeAssembly({ Stack: { template: { Resources: { Server: imageRuntimeResource(program) } } } }, files),
      {
        log: ({ line }) => lines.push(line),
      },
    );

  test('is served by the program, from the asset, with the environment of the image', async () => {
    const { cwd, environment } = await describedBy(await startImage({ environment: { OF_THE_IMAGE: 'yes' } }));
    expect(path.basename(cwd)).toBe('asset.code');
    expect(environment).toMatchObject({ OF_THE_IMAGE: 'yes' });
  });

  test('in Python is run by the Python of this machine', async () => {
    const runtime = await startImage(
      { command: ['python3', 'main.py'], environment: { PYTHONUNBUFFERED: '1' } },
      { 'asset.code/main.py': PYTHON_SERVER },
    );
    const response = await runtime.fetch(
      new Request('http://localhost/mcp', { method: 'POST', body: '{}', headers: { 'content-length': '2' } }),
    );
    expect(((await response.json()) as { result: Described }).result.environment).toMatchObject({
      PYTHONDONTWRITEBYTECODE: '1',
    });
    expect(lines).toContain('python is starting');
  });

  test('in Python says that the version of its base image differs', async () => {
    const baseImage = 'public.ecr.aws/docker/library/python:3.99-slim';
    await startImage({ command: ['python3', 'main.py'], baseImage }, { 'asset.code/main.py': PYTHON_SERVER });
    expect(lines).toContainEqual(
      expect.stringContaining('AgentCore runs it with Python 3.99, here it runs with Python 3.'),
    );
  });

  test('starts without the tracing that has nowhere to send to', async () => {
    const register = '@aws/aws-distro-opentelemetry-node-autoinstrumentation/register';
    await describedBy(await startImage({ command: ['node', '--require', register, 'server.mjs'] }));
    expect(lines).toEqual([
      expect.stringContaining(`runs without \`${register}\`, which has nowhere to send traces here`),
    ]);
  });

  test('has the time to start that a container has', async () => {
    const { ready } = newRuntime({
      assembly: writeAssembly({
        Stack: { template: { Resources: { Server: imageRuntimeResource({ command: ['node', 'missing.js'] }) } } },
      }),
    });
    await expect(ready).rejects.toMatchObject({
      code: 'ERR_ENTRY_NOT_FOUND',
      message: expect.stringMatching(
        /^runtime `my_mcp`: its program "missing\.js" is not in its asset .* would get: Runtime initialization time exceeded\. .* 120s\.$/s,
      ) as string,
    });
  });
});
