import { chmodSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { containerLimits } from '../../../local/src/process/container';
import { imageRuntimeResource, newFolder, tableResource, writeAssembly } from '../assembly';
import { newRuntime } from '../running';

// Containers that really run are in test/image.

const searchPath = process.env.PATH;
afterEach(() => {
  process.env.PATH = searchPath;
});

test('without a program that runs containers, the error names both', async () => {
  process.env.PATH = newFolder();
  await expect(
    (async () => newRuntime({ runtimes: [{ name: 'boxed', image: 'server:v1' }] }).ready)(),
  ).rejects.toMatchObject({
    code: 'ERR_NO_CONTAINER_ENGINE',
    message:
      'runtime `boxed`: its `image` needs podman or docker, and there is neither on the PATH: install one, or give a `command` instead',
  });
});

test('what of a template does not reach a container is said in the log', async () => {
  const folder = newFolder();
  writeFileSync(path.join(folder, 'docker'), '#!/bin/sh\nexit 1\n');
  chmodSync(path.join(folder, 'docker'), 0o755);
  process.env.PATH = folder;
  const Server = imageRuntimeResource() as { Properties: object };
  Object.assign(Server.Properties, {
    PlatformVersion: 'V2',
    FilesystemConfigurations: [{ SessionStorage: { MountPath: '/mnt/data' } }],
  });
  const lines: string[] = [];
  const runtime = newRuntime({
    assembly: writeAssembly({ Stack: { template: { Resources: { Server, Expenses: tableResource() } } } }),
    runtimes: [{ name: 'my_mcp', image: 'server:v1' }],
    pooledProcesses: 0,
    log: ({ line }) => lines.push(line),
  });
  await runtime.ready;
  expect(lines).toEqual([
    'runs without its session storage and mounted buckets: nothing is mounted into a container here',
    'runs without the snapshot mode of platform version V2, which is for commands',
    expect.stringContaining('its container cannot reach the embedded DynamoDB server'),
    'its containers may use all processors instead of 2: docker has no control group for cpu here',
    'its containers may use all memory instead of 8589934592 bytes: docker has no control group for memory here',
  ]);
});

test.each([
  ['podman', 'cpuset cpu io memory pids', ['--cpus=1', '--memory=1000000b'], []],
  [
    'podman',
    'memory pids',
    ['--memory=1000000b'],
    ['its containers may use all processors instead of 1: podman has no control group for cpu here'],
  ],
  ['docker', 'cpu memory', ['--cpus=1', '--memory=1000000b'], []],
])('a container is limited by what %s has: %s', (engine, controllers, limits, notes) => {
  const folder = newFolder();
  writeFileSync(path.join(folder, engine), `#!/bin/sh\n[ "$1 $2" = 'info --format' ] && echo '${controllers}'\n`);
  chmodSync(path.join(folder, engine), 0o755);
  process.env.PATH = `${folder}${path.delimiter}${searchPath}`;
  expect(containerLimits(engine, { vcpus: 1, memoryBytes: 1_000_000 })).toEqual({ arguments: limits, notes });
  expect(containerLimits(engine, undefined)).toEqual({ arguments: [], notes: [] });
});
