import { LocalRuntime, ManualClock, PLATFORM_SETTING_VALUES, type LocalRuntimeOptions } from 'stateful-mcp-local';
import { newRuntime, sessionServer } from '../running';

const runtimes = [sessionServer()];

/** What JavaScript lets somebody write. */
const construct = (options: unknown): LocalRuntime => new LocalRuntime(options as LocalRuntimeOptions);

test.each<[given: object, message: string]>([
  [{ assembly: 7 }, '`assembly` must be a text, got 7'],
  [{ runtimes: {} }, '`runtimes` must be a list of definitions, got an object'],
  [{ runtimes: ['server.py'] }, '`runtimes[0]` must be a definition, an object with `name` and `command` or `image`'],
  [{ runtimes: [null] }, '`runtimes[0]` must be a definition'],
  [{ runtimes: [{ command: ['node'] }] }, '`runtimes[0].name` must be a text, got undefined'],
  [{ runtimes: [{ name: 'a', command: 'node server.js' }] }, '`runtimes[0].command` must be a program with its'],
  [{ runtimes: [{ name: 'a', command: ['node', 1] }] }, '`runtimes[0].command[1]` must be a text, got 1'],
  [{ runtimes: [{ name: 'a', image: true }] }, '`runtimes[0].image` must be a text, got true'],
  [{ runtimes: [sessionServer({ cwd: 1 as never })] }, '`runtimes[0].cwd` must be a text, got 1'],
  [
    { runtimes: [sessionServer({ environment: { A: 1 } as never })] },
    '`runtimes[0].environment.A` must be a text, got a number',
  ],
  [
    { runtimes: [sessionServer({ startLimitMs: '5 s' as never })] },
    '`runtimes[0].startLimitMs` must be a number, got "5 s"',
  ],
  [
    { runtimes: [sessionServer({ protocol: 'mcp' as never })] },
    "`runtimes[0].protocol` must be 'MCP' or 'HTTP', got \"mcp\"",
  ],
  [
    { runtimes: [sessionServer({ requestHeaderAllowlist: 'X-A' as never })] },
    '`runtimes[0].requestHeaderAllowlist` must be a list of',
  ],
  [
    { runtimes: [sessionServer({ customJWTAuthorizer: 'url' as never })] },
    '`runtimes[0].customJWTAuthorizer` must be an object',
  ],
  [
    { runtimes: [{ ...sessionServer(), startLimitSeconds: 5 }] },
    '`runtimes[0].startLimitSeconds` must be left out, as none of `name`',
  ],
  [{ adviceFor: 'advice' }, '`adviceFor` must be a function, got "advice"'],
  [{ environment: ['A=1'] }, '`environment` must be an object of texts, got a list'],
  [{ environment: { A: 1 } }, '`environment.A` must be a text, got a number'],
  [{ clock: Date }, '`clock` must be a `Clock`, got a function'],
  [{ clock: {} }, '`clock.now` must be a function, got undefined'],
  [{ pooledProcesses: '1' }, '`pooledProcesses` must be a number, got "1"'],
  [{ settings: 'map' }, '`settings` must be an object, got "map"'],
  [{ settings: { serverErrors: 1 } }, "`settings.serverErrors` must be 'pass-4xx' or"],
  [{ settings: { serverErrors: () => 1 } }, 'got a function'],
  [
    { settings: { pingIntervalMs: -1 } },
    "`settings.pingIntervalMs` must be 'off' or a number of milliseconds above 0, got -1",
  ],
  [
    { settings: { pingIntervalMs: '5' } },
    '`settings.pingIntervalMs` must be \'off\' or a number of milliseconds above 0, got "5"',
  ],
  [{ limits: 5 }, '`limits` must be an object, got 5'],
  [{ limits: { requestMs: '5' } }, '`limits.requestMs` must be a number, got "5"'],
  [{ limits: { requestSeconds: 5 } }, '`limits.requestSeconds` must be left out, as none of `payloadBytes`'],
  [{ quotas: 'none' }, '`quotas` must be \'off\' or an object, got "none"'],
  [{ quotas: { activeSessions: null } }, '`quotas.activeSessions` must be a number, got null'],
  [{ resources: 'none' }, '`resources` must be \'off\' or an object, got "none"'],
  [{ isolation: true }, "`isolation` must be 'none' or 'bubblewrap', got true"],
  [{ auth: {} }, "`auth` must be 'off' or 'platform-urls' or 'all', got an object"],
  [{ credentials: {} }, '`credentials` must be a list of credentials, got an object'],
  [{ credentials: [{ accessKeyId: 'A' }] }, '`credentials[0].secretAccessKey` must be a text, got undefined'],
  [
    { credentials: [{ accessKeyId: 'A', secretAccessKey: 12_345 }] },
    '`credentials[0].secretAccessKey` must be a text, got a number',
  ],
  [{ artifacts: [] }, '`artifacts` must be an object of artifacts, got a list'],
  [{ artifacts: { uri: { command: ['node'] } } }, '`artifacts.uri` must be an object with a `directory`'],
  [{ artifacts: { uri: '.' } }, '`artifacts.uri` must be an object with a `directory`, got "."'],
  [{ artifacts: { uri: { directory: '.', command: 'node' } } }, '`artifacts.uri.command` must be a program with its'],
  [{ log: {} }, '`log` must be a function, got an object'],
  [{ log: console }, '`log` must be a function, got an object'],
  [{ sessionIds: 'platform' }, '`sessionIds` must be left out, as none of `assembly`, `runtimes`'],
])('an option of a wrong kind is refused: %j', (given, message) => {
  const wrong = (): unknown => construct({ runtimes, ...given });
  expect(wrong).toThrow(message);
  expect(wrong).toThrow(expect.objectContaining({ code: 'ERR_INVALID_OPTION' }) as Error);
});

test.each([undefined, null, 'cdk.out', [runtimes], 5])('options that are %j are no options', options => {
  expect(() => construct(options)).toThrow('`options` must be an object, got ');
});

test('an option that is undefined is left out', async () => {
  const undefinedOptions = Object.fromEntries(
    ['assembly', 'adviceFor', 'environment', 'clock', 'pooledProcesses', 'settings', 'limits', 'quotas'].map(
      name => [name, undefined] as const,
    ),
  );
  await newRuntime({ runtimes, ...undefinedOptions, log: undefined, auth: undefined }).ready;
});

test('every option may be given at once', async () => {
  const runtime = newRuntime({
    runtimes: [sessionServer({ environment: { A: '1' }, startLimitMs: 20_000, protocol: 'MCP' })],
    adviceFor: () => undefined,
    environment: { B: '2' },
    clock: new ManualClock(),
    pooledProcesses: 0,
    settings: { pingIntervalMs: 5000, sessionIds: 'platform', requestsWithoutSession: 'new-session' },
    limits: { requestMs: 1000 },
    quotas: 'off',
    resources: { vcpus: 1 },
    isolation: 'none',
    auth: 'all',
    credentials: [{ accessKeyId: 'A', secretAccessKey: 'B', mayNameUser: false }],
    artifacts: { 's3://code/app': { directory: '.', command: ['node'] } },
    log: () => {},
  });
  await runtime.ready;
});

test('the default of each setting is the first of its values', () => {
  expect(Object.values(PLATFORM_SETTING_VALUES).every(([first]) => typeof first === 'string')).toBe(true);
});

test('a local runtime is closed at the end of its block by `await using`', async () => {
  const runtime = newRuntime({ runtimes });
  await runtime.ready;
  await runtime[Symbol.asyncDispose]();
  await expect(runtime.listen()).rejects.toMatchObject({ code: 'ERR_CLOSED' });
});
