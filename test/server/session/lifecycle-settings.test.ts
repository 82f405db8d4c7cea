import { IDLE_TIMEOUT_VARIABLE, MAX_LIFETIME_VARIABLE } from 'stateful-mcp-contract';
import { lifecycleSettings } from '../../../server/src/session/lifecycle-settings';
import { closeKits, initialize, openKit, post } from '../kit';

afterEach(async () => {
  delete process.env[IDLE_TIMEOUT_VARIABLE];
  delete process.env[MAX_LIFETIME_VARIABLE];
  await closeKits();
});

test.each<[Record<string, string>, { idleTimeoutMs: number; maxLifetimeMs: number }]>([
  [{}, { idleTimeoutMs: 900_000, maxLifetimeMs: 28_800_000 }],
  [
    { [IDLE_TIMEOUT_VARIABLE]: '', [MAX_LIFETIME_VARIABLE]: '' },
    { idleTimeoutMs: 900_000, maxLifetimeMs: 28_800_000 },
  ],
  [{ [IDLE_TIMEOUT_VARIABLE]: '60' }, { idleTimeoutMs: 60_000, maxLifetimeMs: 28_800_000 }],
  [{ [MAX_LIFETIME_VARIABLE]: '600' }, { idleTimeoutMs: 600_000, maxLifetimeMs: 600_000 }],
  [
    { [IDLE_TIMEOUT_VARIABLE]: '1209600', [MAX_LIFETIME_VARIABLE]: '1209600' },
    { idleTimeoutMs: 1_209_600_000, maxLifetimeMs: 1_209_600_000 },
  ],
])('%j means %j', (environment, settings) => {
  expect(lifecycleSettings(environment)).toEqual(settings);
});

test.each<readonly [Record<string, string>, string]>([
  [
    { [IDLE_TIMEOUT_VARIABLE]: '0' },
    `\`${IDLE_TIMEOUT_VARIABLE}\` must be a whole number of seconds from 1 to 1209600, got "0"`,
  ],
  ...['15m', '1e3', '0x10', ' 7', '1.5', '-1'].map(
    text => [{ [IDLE_TIMEOUT_VARIABLE]: text }, `got "${text}"`] as const,
  ),
  [
    { [MAX_LIFETIME_VARIABLE]: '1209601' },
    `\`${MAX_LIFETIME_VARIABLE}\` must be a whole number of seconds from 1 to 1209600, got "1209601"`,
  ],
  [
    { [IDLE_TIMEOUT_VARIABLE]: '61', [MAX_LIFETIME_VARIABLE]: '60' },
    `\`${IDLE_TIMEOUT_VARIABLE}\` must be at most \`${MAX_LIFETIME_VARIABLE}\` (60), got 61`,
  ],
])('%j is refused', (environment, message) => {
  expect(() => lifecycleSettings(environment)).toThrow(
    expect.objectContaining({
      code: 'ERR_INVALID_OPTION',
      message: expect.stringMatching(new RegExp(`${message.replace(/[()]/g, '\\$&')}$`)) as string,
    }) as Error,
  );
});

test('a bad value is refused before anything is served', () => {
  process.env[IDLE_TIMEOUT_VARIABLE] = 'soon';
  expect(() => openKit(() => undefined)).toThrow(expect.objectContaining({ code: 'ERR_INVALID_OPTION' }) as Error);
});

test('a session that is idle for as long as the runtime allows is freed, unless an option says otherwise', async () => {
  process.env[IDLE_TIMEOUT_VARIABLE] = '1';
  const [environment, option] = [openKit(() => undefined), openKit(() => undefined, { sessionIdleTimeoutMs: 60_000 })];
  const [, kept] = [await initialize(environment), await initialize(option)];
  while (environment.handler.sessionCount > 0) {
    await new Promise(resolve => setTimeout(resolve, 20));
  }
  expect((await post(option, { jsonrpc: '2.0', id: 1, method: 'ping' }, { 'mcp-session-id': kept })).status).toBe(200);
});
