import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { containerLimits, containerNotes } from '../../../local/src/process/container';
import { imageRuntimeResource, newFolder, tableResource, writeAssembly } from '../assembly';
import { newRuntime, until } from '../running';
import { start } from './started-process';

// Containers that really run are in test/image.

const parent = { ...process.env };
const searchPath = process.env.PATH;
afterEach(() => {
  for (const name of Object.keys(process.env).filter(variable => !(variable in parent))) {
    Reflect.deleteProperty(process.env, name);
  }
  Object.assign(process.env, parent);
});

/** What an engine of the tests was called with. */
interface Call {
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

/**
 * An engine that serves without a container, found as the first one. Gives the calls that are written whole.
 *
 * @param by - what runs it
 */
function fakeEngine(name: string, by = 'exec'): () => readonly Call[] {
  const folder = newFolder();
  const calls = path.join(folder, 'calls');
  const fixture = path.join(__dirname, '../fixtures/container-engine.cjs');
  writeFileSync(
    path.join(folder, name),
    `#!/bin/sh\n${by} '${process.execPath}' '${fixture}' '${calls}' "$@"; exit $?\n`,
  );
  chmodSync(path.join(folder, name), 0o755);
  process.env.PATH = `${folder}${path.delimiter}${searchPath}`;
  return () =>
    existsSync(calls)
      ? readFileSync(calls, 'utf8')
          .split('\n')
          .slice(0, -1)
          .map(line => JSON.parse(line) as Call)
      : [];
}

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

test('an engine that cannot be started is the error of the start, not of the constructor', async () => {
  const folder = newFolder();
  writeFileSync(path.join(folder, 'podman'), '#!/no/such/interpreter\n');
  chmodSync(path.join(folder, 'podman'), 0o755);
  process.env.PATH = `${folder}${path.delimiter}${searchPath}`;
  expect(containerLimits('podman', { vcpus: 1, memoryBytes: 1_000_000 })).toMatchObject({
    arguments: [],
    notes: [expect.stringContaining('for cpu'), expect.stringContaining('for memory')],
  });
  await expect(newRuntime({ runtimes: [{ name: 'boxed', image: 'server:v1' }] }).ready).rejects.toMatchObject({
    code: 'ERR_COMMAND_NOT_FOUND',
  });
});

test('what does not reach a container is noted, each for itself', () => {
  const count = (features: object, tablesEndpoint?: string): number =>
    containerNotes({
      features: { bucketMounts: [], ...features },
      tablesEndpoint,
    } as unknown as Parameters<typeof containerNotes>[0]).length;
  expect(count({})).toBe(0);
  expect(count({ sessionStorage: '/mnt/data' })).toBe(1);
  expect(count({ bucketMounts: [{}] })).toBe(1);
  expect(count({ platformVersion: 'V1' })).toBe(0);
  expect(count({ platformVersion: 'V2' })).toBe(1);
  expect(count({}, 'http://127.0.0.1:8000')).toBe(1);
});

describe('a container', () => {
  const BOXED = { image: 'server:v1', command: ['podman'] as const };
  const byValue = {
    PORT: '9000',
    HOST: '0.0.0.0',
    PATH: '/app/bin',
    HOME: '/home/server',
    TMPDIR: '/scratch',
    AWS_CONFIG_FILE: '/app/config',
    AWS_SHARED_CREDENTIALS_FILE: '/app/credentials',
    AWS_WEB_IDENTITY_TOKEN_FILE: '/app/token',
    CONTAINER_HOST: 'of the server',
    CONTAINERS_CONF: 'of the server',
    DOCKER_HOST: 'of the server',
    LD_PRELOAD: 'libjemalloc.so',
    XDG_CACHE_HOME: '/app/cache',
  };

  async function started(environment: Readonly<Record<string, string>>, more: object = {}) {
    const calls = fakeEngine('podman');
    const runtime = newRuntime({
      runtimes: [{ name: 'boxed', image: 'server:v1', environment, ...more }],
      log: () => {},
    });
    await runtime.ready;
    const run = calls().find(({ args }) => args[0] === 'run') as Call;
    const variables = run.args.flatMap((argument, index) => (argument === '--env' ? [run.args[index + 1]] : []));
    return { calls, runtime, run, variables };
  }

  test('is published on loopback, limited, and ends when its session does', async () => {
    const { calls, runtime, run } = await started({}, { port: 9000 });
    const name = run.args[3] as string;
    expect(name).toMatch(/^stateful-mcp-[0-9a-f-]{36}$/);
    expect(run.args.slice(0, 8)).toEqual([
      'run',
      '--rm',
      '--name',
      name,
      '--publish',
      expect.stringMatching(/^127\.0\.0\.1:\d+:9000$/),
      '--cpus=2',
      '--memory=8589934592b',
    ]);
    expect(run.args.at(-1)).toBe('server:v1');
    await runtime.close();
    expect(calls().map(({ args }) => args.join(' '))).toEqual([
      expect.stringMatching(/^info /),
      run.args.join(' '),
      `kill ${name}`,
      `rm --force ${name}`,
    ]);
  });

  test.each([
    ['MCP', 8000],
    ['HTTP', 8080],
  ])('listens where the protocol %s says, if its runtime does not', async (protocol, port) => {
    const { run } = await started({}, { protocol });
    expect(run.args[5]).toMatch(new RegExp(`:${port}$`));
  });

  test('gets the variables of its runtime, whatever the engine would make of them', async () => {
    Object.assign(process.env, { DOCKER_HOST: 'of this machine', HOME: '/of/this/machine' });
    const byName = { COLOUR: 'green', CHROME_PATH: '/usr/bin/chromium', HOMEPAGE: '/start' };
    const { run, variables } = await started({ ...byName, ...byValue });
    expect(variables.filter(variable => variable?.includes('=')).sort()).toEqual(
      Object.entries(byValue)
        .map(entry => entry.join('='))
        .sort(),
    );
    // Values in arguments are there to see for all users of the machine.
    expect(variables).toEqual(expect.arrayContaining(Object.keys(byName)));
    expect(run.environment).toMatchObject({ ...byName, DOCKER_HOST: 'of this machine', HOME: '/of/this/machine' });
    for (const name of Object.keys(byValue)) {
      expect(run.environment[name]).toBe(process.env[name]);
    }
  });

  test('gets credentials of this machine, but nothing that names something there', async () => {
    Object.assign(process.env, {
      AWS_ACCESS_KEY_ID: 'key',
      AWS_SECRET_ACCESS_KEY: 'secret',
      AWS_CONFIG_FILE: '/of/this/machine',
      TMPDIR: '/tmp',
    });
    const { run, variables } = await started({});
    expect(variables).toEqual(
      expect.arrayContaining([
        'AWS_ACCESS_KEY_ID',
        'AWS_SECRET_ACCESS_KEY',
        'AWS_REGION',
        'STATEFUL_MCP_IDLE_TIMEOUT_SECONDS',
      ]),
    );
    expect(run.environment).toMatchObject({ AWS_SECRET_ACCESS_KEY: 'secret', AWS_REGION: 'us-east-1' });
    expect(
      variables.filter(variable => /^(PATH|HOME|TMPDIR|HOST|PORT|AWS_CONFIG_FILE)(=|$)/.test(variable ?? '')),
    ).toEqual([]);
  });

  test('has started when it answers, not when its engine takes connections', async () => {
    const calls = fakeEngine('podman');
    const { started, log } = start('', { definition: BOXED });
    const container = await started;
    await until(() => container.output.tail.includes('asked for /ping'));
    container.kill();
    await container.exited;
    // It has its port until it is removed.
    expect(calls().at(-1)?.args.slice(0, 2)).toEqual(['rm', '--force']);
    expect(log).toEqual([]);
  });

  test('gets nothing that names a file or a process of this machine', async () => {
    const calls = fakeEngine('podman');
    await start('', { definition: BOXED }).started;
    const run = calls().find(({ args }) => args[0] === 'run') as Call;
    expect(run.args).toEqual(expect.arrayContaining(['OF_RUNTIME', 'STATEFUL_MCP_REQUEST_STATE_KEY']));
    expect(run.environment).toMatchObject({ OF_RUNTIME: '1', OF_BOTH: '1', STATEFUL_MCP_REQUEST_STATE_KEY: 'key' });
    for (const name of ['OF_PROCESS', 'STATEFUL_MCP_LOCAL_RUNTIME']) {
      expect([run.args.includes(name), name in run.environment]).toEqual([false, false]);
    }
  });

  test.each(['none', 'bubblewrap'] as const)(
    'is asked to end with its engine, beside isolation %s',
    async isolation => {
      fakeEngine('podman', `sh -c '"$@"; exit $?' first`);
      const { started, clock } = start('', { definition: BOXED, isolation });
      const container = await started;
      container.stop(1000, clock);
      expect(await container.exited).toEqual({ exitCode: null, signal: 'SIGTERM' });
    },
  );

  test.each(['ends by itself', 'is killed with its group'])('ends with a program that %s', async how => {
    const calls = fakeEngine('podman');
    const program = spawn(
      process.execPath,
      [
        '--import',
        'tsx',
        '-e',
        `
        const { Container } = require('./local/src/process/container.ts');
        const runtime = { command: ['podman'], environment: {}, features: { protocol: 'MCP' } };
        new Container(runtime, 'server:v1', 20001, {}, []);
        console.log('made');
        ${how === 'ends by itself' ? '' : 'setInterval(() => {}, 1000);'}
      `,
      ],
      { cwd: path.join(__dirname, '../../..'), detached: true, env: process.env, stdio: ['ignore', 'pipe', 'inherit'] },
    );
    try {
      await once(program.stdout, 'data');
      expect(calls()).toEqual([]);
      if (how !== 'ends by itself') {
        process.kill(-(program.pid as number), 'SIGKILL');
      }
      await until(() => calls().length >= 2);
      const [kill, remove] = calls().map(({ args }) => args);
      expect(kill).toEqual(['kill', expect.stringMatching(/^stateful-mcp-/)]);
      expect(remove).toEqual(['rm', '--force', kill?.[1]]);
    } finally {
      program.kill('SIGKILL');
    }
  });
});
