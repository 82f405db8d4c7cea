import { sessionSettings, type SessionSettingsOptions } from '../../../server/src/session/session-settings';

test('sessions have a keep-alive, two timeouts and a bound where nothing is said', () => {
  expect(sessionSettings({})).toEqual({
    keepAliveMs: 15_000,
    idleTimeoutMs: 900_000,
    maxLifetimeMs: 28_800_000,
    maxSessions: 1000,
  });
});

test.each<[keyof SessionSettingsOptions, string, number]>([
  ['keepAliveMs', 'keepAliveMs', 15_000],
  ['sessionIdleTimeoutMs', 'idleTimeoutMs', 2_147_483_647],
  ['sessionMaxLifetimeMs', 'maxLifetimeMs', 2_147_483_647],
  ['maxSessions', 'maxSessions', Number.MAX_SAFE_INTEGER],
])('`%s` is above 0 and at most what there can be', (option, setting, most) => {
  for (const value of [1, most]) {
    expect(sessionSettings({ [option]: value })).toMatchObject({ [setting]: value });
  }
  for (const value of [0, -1, NaN, most + 1, Infinity, '5']) {
    expect(() => sessionSettings({ [option]: value })).toThrow(
      expect.objectContaining({
        code: 'ERR_INVALID_OPTION',
        message: expect.stringContaining(`\`${option}\` must be above 0`) as string,
      }) as Error,
    );
  }
});
