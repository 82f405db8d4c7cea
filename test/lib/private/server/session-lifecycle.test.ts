import { Duration, Lazy } from 'aws-cdk-lib';
import { withDefaults } from '../../../../lib/private/server/session-lifecycle';

const seconds = (duration?: Duration): number | undefined => duration?.toSeconds();

test.each([
  [undefined, undefined, 900, 28_800],
  [undefined, 60, 60, 60],
  [undefined, 899, 899, 899],
  [undefined, 900, 900, 900],
  [undefined, 901, 900, 901],
  [3600, undefined, 3600, 28_800],
  [60, 120, 60, 120],
])('idle timeout %s and lifetime %s become %d and %d', (idle, life, expectedIdle, expectedLife) => {
  const lifecycle = withDefaults({
    idleTimeout: idle === undefined ? undefined : Duration.seconds(idle),
    maxLifetime: life === undefined ? undefined : Duration.seconds(life),
  });
  expect([seconds(lifecycle.idleTimeout), seconds(lifecycle.maxLifetime)]).toEqual([expectedIdle, expectedLife]);
});

test('an unresolved lifetime leaves the idle timeout to the service', () => {
  const maxLifetime = Duration.seconds(Lazy.number({ produce: () => 60 }));
  expect(withDefaults({ maxLifetime })).toEqual({ idleTimeout: undefined, maxLifetime });
});
