import { McpPlatformVersion, McpWarmup } from '../../../../lib';
import { warmupHookOf } from '../../../../lib/private/platform/warmup-hook';

const V2 = { platformVersion: McpPlatformVersion.V2 };

test('a server with the kit is warmed up by itself, where the platform can', () => {
  expect(warmupHookOf(V2, true)).toEqual({ path: '/warmup' });
});

test.each<[string, Parameters<typeof warmupHookOf>[0], boolean]>([
  ['a server without the kit', V2, false],
  ['one on V1', { platformVersion: McpPlatformVersion.V1 }, true],
  ['one on the default of the service', {}, true],
  ['one on Instances', { ...V2, capacityProvider: {} }, true],
  ['one that wants none', { ...V2, warmup: McpWarmup.none() }, true],
])('%s is not', (_, props, usesServerKit) => {
  expect(warmupHookOf(props, usesServerKit)).toBeUndefined();
});

test('a hook that is given is the one', () => {
  const warmup = McpWarmup.httpPost({ path: '/warm', port: 9000 });
  expect(warmupHookOf({ ...V2, warmup }, true)).toEqual({ path: '/warm', port: 9000 });
});
