import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { codeStart, entryFileOf, holdsEntry } from '../../../local/src/process/code-start';
import { describeExit } from '../../../local/src/process/process-exit';
import { processEnvironment } from '../../../local/src/process/process-environment';
import {
  commandNotStarted,
  fixedPortTaken,
  serverExited,
  startLimitExceeded,
  warmupFailed,
} from '../../../local/src/process/start-errors';
import type { RuntimeDefinition } from '../../../local/src/model/runtime-definition';
import type { ProcessOutput } from '../../../local/src/process/process-output';
import { newFolder } from '../assembly';

test.each([
  ['NODE_22', [process.execPath, 'main.js'], {}],
  ['PYTHON_3_13', ['python3', 'main.js'], { PYTHONUNBUFFERED: '1', PYTHONDONTWRITEBYTECODE: '1' }],
])('code for %s is started by its interpreter', (interpreter, command, environment) => {
  expect(codeStart(interpreter, 'main.js')).toEqual({ command, environment });
});

test.each(['RUBY_3', 'XNODE_22', 'XPYTHON_3_13', 'NODE22', ''])('code for %j is not known', interpreter => {
  expect(codeStart(interpreter, 'main.js')).toBeUndefined();
});

test.each<[string[], string, boolean]>([
  [['main.py'], 'main.py', false],
  [['main.py', 'argument'], 'main.py', false],
  [['opentelemetry-instrument', 'main.py'], 'main.py', true],
  [['opentelemetry-instrument'], '', true],
  [[], '', false],
])('the entry point %j starts %j', (entryPoint, entry, isTraced) => {
  expect(entryFileOf(entryPoint)).toEqual({ entry, isTraced });
});

test('an entry is a file of its folder', () => {
  const folder = newFolder();
  writeFileSync(path.join(folder, 'main.js'), '');
  expect(['main.js', 'other.js', ''].map(entry => holdsEntry(folder, entry))).toEqual([true, false, false]);
});

test.each([
  [{ exitCode: 3, signal: null }, 'with exit code 3'],
  [{ exitCode: 0, signal: null }, 'with exit code 0'],
  [{ exitCode: null, signal: null }, 'with exit code unknown'],
  [{ exitCode: null, signal: 'SIGKILL' as const }, 'by SIGKILL'],
])('an end in words: %j', (exit, words) => {
  expect(describeExit(exit)).toBe(words);
});

const runtime = (more: object = {}): RuntimeDefinition =>
  ({
    name: 'one',
    region: 'eu-west-1',
    command: ['node', 'server.js'],
    cwd: '/srv',
    startLimitMs: 30_000,
    idleTimeoutSeconds: 900,
    maxLifetimeSeconds: 28_800,
    environment: {},
    features: { protocol: 'MCP' },
    ...more,
  }) as unknown as RuntimeDefinition;

describe('the environment of a server', () => {
  const environmentOf = (more: object = {}): Record<string, string> =>
    processEnvironment(runtime(more), { port: 20_001, requestStateKey: 'key' });
  const parent = { ...process.env };
  beforeEach(() => {
    for (const name of Object.keys(process.env).filter(variable => variable.startsWith('AWS_'))) {
      Reflect.deleteProperty(process.env, name);
    }
  });
  afterEach(() => {
    Object.assign(process.env, parent);
    for (const name of Object.keys(process.env).filter(variable => !(variable in parent))) {
      Reflect.deleteProperty(process.env, name);
    }
  });

  test.each([
    [60, '60'],
    [59.5, '60'],
    [60.5, '61'],
    [1_209_600, '1209600'],
    [1_209_601, '1209600'],
  ])('says a lifecycle in whole seconds within its limits: %f', (seconds, said) => {
    expect(environmentOf({ idleTimeoutSeconds: seconds, maxLifetimeSeconds: seconds })).toMatchObject({
      STATEFUL_MCP_IDLE_TIMEOUT_SECONDS: said,
      STATEFUL_MCP_MAX_LIFETIME_SECONDS: said,
    });
  });

  const MADE_UP = { AWS_ACCESS_KEY_ID: 'local', AWS_SECRET_ACCESS_KEY: 'local' };
  const tables = { tablesEndpoint: 'http://127.0.0.1:8000' };

  test('has made-up credentials for the embedded tables alone', () => {
    expect(environmentOf(tables)).toMatchObject({ ...MADE_UP, AWS_ENDPOINT_URL_DYNAMODB: 'http://127.0.0.1:8000' });
    expect(Object.keys(environmentOf()).filter(name => name.startsWith('AWS_'))).toEqual(['AWS_REGION']);
  });

  test.each([
    'AWS_ACCESS_KEY_ID',
    'AWS_PROFILE',
    'AWS_WEB_IDENTITY_TOKEN_FILE',
    'AWS_CONTAINER_CREDENTIALS_FULL_URI',
    'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI',
  ])('has no made-up credentials beside %s, of this program or of the template', name => {
    const ofTemplate = environmentOf({ ...tables, environment: { [name]: 'own' } });
    process.env[name] = 'own';
    for (const environment of [ofTemplate, environmentOf(tables)]) {
      expect(environment[name]).toBe('own');
      expect(environment.AWS_SECRET_ACCESS_KEY).toBeUndefined();
    }
  });

  test.each([
    'PATH',
    'HOME',
    'TMPDIR',
    'AWS_ACCESS_KEY_ID',
    'AWS_SECRET_ACCESS_KEY',
    'AWS_SESSION_TOKEN',
    'AWS_CREDENTIAL_EXPIRATION',
    'AWS_PROFILE',
    'AWS_CONFIG_FILE',
    'AWS_SHARED_CREDENTIALS_FILE',
    'AWS_ROLE_ARN',
    'AWS_ROLE_SESSION_NAME',
    'AWS_WEB_IDENTITY_TOKEN_FILE',
    'AWS_CONTAINER_CREDENTIALS_FULL_URI',
    'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI',
    'AWS_CONTAINER_AUTHORIZATION_TOKEN',
    'AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE',
  ])('has the %s of this program, unless the template says another', name => {
    process.env[name] = 'of this program';
    expect(environmentOf()[name]).toBe('of this program');
    expect(environmentOf({ environment: { [name]: 'own' } })[name]).toBe('own');
    Reflect.deleteProperty(process.env, name);
    expect(environmentOf()).not.toHaveProperty(name);
  });

  test('says a path of its own, and no other', () => {
    expect(environmentOf({ features: { protocol: 'MCP', path: '/own' } }).STATEFUL_MCP_PATH).toBe('/own');
    expect(environmentOf()).not.toHaveProperty('STATEFUL_MCP_PATH');
  });
});

describe('an error of a start', () => {
  const output = (...tail: string[]): ProcessOutput => ({ tail }) as unknown as ProcessOutput;
  const boxed = runtime({ image: 'server:v1', command: ['podman'], features: { protocol: 'MCP', port: 9000 } });
  const place = { port: 20_001, output: output('one', 'two') };

  const nothing = { exitCode: null, signal: null, output: [] };
  const twoLines = { exitCode: null, signal: null, output: ['one', 'two'] };
  const exit3 = { exitCode: 3, signal: null, output: ['one', 'two'] };

  const refused = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });

  test.each([
    ['EMFILE', 'raise its limit (`ulimit -n`)'],
    ['ENFILE', 'end other programs'],
    ['EAGAIN', 'raise the limit (`ulimit -u`)'],
    ['ENOMEM', 'end other programs'],
  ])('blames no program for %s, which this one or the machine lacks', (code, remedy) => {
    const failure = Object.assign(new Error(`spawn node ${code}`), { code });
    for (const { message } of [commandNotStarted(runtime(), failure), startLimitExceeded(runtime(), place, failure)]) {
      expect(message).toMatch(/could not be (started|found out within 30 s): this (program|machine) has no /);
      expect(message).toContain(remedy);
      expect(message).not.toContain('let it read `HOST`');
    }
  });

  test.each([
    [
      'of a program that is missing',
      commandNotStarted(runtime(), Object.assign(new Error(), { code: 'ENOENT' })),
      'ERR_COMMAND_NOT_FOUND',
      'the program `node` of its command was not found',
      nothing,
    ],
    [
      'of a program that may not be run',
      commandNotStarted(runtime(), new Error('EACCES')),
      'ERR_COMMAND_NOT_FOUND',
      'could not be started: EACCES',
      nothing,
    ],
    [
      'of an end',
      serverExited(runtime(), place, { exitCode: 3, signal: null }),
      'ERR_SERVER_EXITED',
      'with exit code 3 before it listened on 127.0.0.1:20001 ',
      exit3,
    ],
    [
      'of an end in a container',
      serverExited(boxed, place, { exitCode: 3, signal: null }),
      'ERR_SERVER_EXITED',
      'before it listened on port 9000 of its container',
      exit3,
    ],
    [
      'of a limit',
      startLimitExceeded(runtime(), place, refused),
      'ERR_START_LIMIT',
      'did not listen on 127.0.0.1:20001 within 30 s; let it read `HOST` and `PORT` from its environment (AgentCore calls it on port 8000,',
      twoLines,
    ],
    [
      'of a limit in a container',
      startLimitExceeded(boxed, place, undefined),
      'ERR_START_LIMIT',
      'did not answer on port 9000 of its container within 30 s; let it listen on 0.0.0.0:9000',
      twoLines,
    ],
    [
      'of a port',
      fixedPortTaken(runtime(), 3000, place),
      'ERR_SERVER_EXITED',
      'the server listens on port 3000, whatever',
      twoLines,
    ],
    [
      'of a warm-up',
      warmupFailed(runtime(), 'no tools', place),
      'ERR_WARMUP_FAILED',
      'runtime `one`: no tools',
      twoLines,
    ],
  ])('says where it was: %s', (_, error, code, problem, failure) => {
    expect(error).toMatchObject({ code, message: expect.stringContaining(problem) as string });
    expect(error.startFailure).toEqual({
      runtimeName: 'one',
      platformMessage: 'Runtime initialization time exceeded. Please make sure that initialization completes in 30s.',
      ...failure,
    });
  });

  test.each([
    [runtime(), 'command: node server.js (in /srv)'],
    [boxed, 'image: server:v1 (in podman)'],
  ])('says what was started, and what it wrote', (definition, started) => {
    const lines = warmupFailed(definition, 'no tools', place).message.split('\n');
    expect(lines).toEqual([
      'runtime `one`: no tools',
      started,
      'its last output:',
      '  one',
      '  two',
      expect.stringContaining('on AgentCore its caller would get: Runtime initialization time exceeded.'),
    ]);
    expect(warmupFailed(definition, 'no tools', { output: output() }).message).toContain('\nit wrote nothing\n');
  });
});
