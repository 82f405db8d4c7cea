import { ManualClock } from 'stateful-mcp-local';
import { secondsOf, usageOfGroup } from '../../../local/src/machine/process-usage';
import { SessionMeter } from '../../../local/src/platform/session-cost';
import { nextStop, startRuntime, until } from '../running';

const MB = 1024 * 1024;

test('CPU is charged as used, memory at the peak so far for each second', () => {
  const meter = new SessionMeter(0);
  meter.record(0, { cpuMs: 1000, memoryBytes: 512 * MB });
  meter.record(900_000, { cpuMs: 3600, memoryBytes: 100 * MB });
  expect(meter.cost).toEqual({
    cpuMs: 3600,
    peakMemoryBytes: 512 * MB,
    lifetimeMs: 900_000,
    estimatedUsd: expect.any(Number) as number,
  });
  // 3.6 s of a vCPU at $0.0895 an hour, and half a GB for 900 s at $0.00945 an hour.
  expect(meter.cost.estimatedUsd).toBeCloseTo(0.0000895 + 0.00118125, 9);
});

test('memory is charged for at least 128 MB and one second', () => {
  const meter = new SessionMeter(0);
  meter.record(100, { cpuMs: 0, memoryBytes: 10 * MB });
  expect(meter.cost.estimatedUsd).toBeCloseTo((0.125 / 3600) * 0.00945, 12);
});

test('what processes that have ended have used stays counted', () => {
  const meter = new SessionMeter(0);
  meter.record(1000, { cpuMs: 5000, memoryBytes: 200 * MB });
  meter.record(2000, { cpuMs: 2000, memoryBytes: 20 * MB });
  meter.record(3000);
  expect(meter.cost).toMatchObject({ cpuMs: 5000, peakMemoryBytes: 200 * MB, lifetimeMs: 3000 });
});

test.each([
  ['0:00.50', 0.5],
  ['1:02.25', 62.25],
  ['02:03:04', 7384],
  ['1-00:00:01', 86_401],
])('ps writes the time as %s', (text, seconds) => {
  expect(secondsOf(text)).toBe(seconds);
});

test('a process that is gone has no usage', () => {
  expect(usageOfGroup(2 ** 22 + 1)).toBeUndefined();
});

test('a session is described with what it has used so far, and ends with its bill', async () => {
  const clock = new ManualClock();
  const { runtime, endpoint } = await startRuntime({ clock });
  const sessionId = await endpoint.initialize();
  await until(() => runtime.sessions()[0]?.state === 'idle');
  const before = runtime.sessions()[0]?.cost;
  expect(before).toMatchObject({ lifetimeMs: 0 });
  expect(before?.cpuMs).toBeGreaterThan(0);
  expect(before?.peakMemoryBytes).toBeGreaterThan(20 * MB);
  const stopped = nextStop(runtime, sessionId);
  clock.advance(900_000);
  const { cost } = await stopped;
  expect(cost.lifetimeMs).toBe(900_000);
  // At least the idle tail with 128 MB.
  expect(cost.estimatedUsd).toBeGreaterThan(((0.125 * 900) / 3600) * 0.00945);
  expect(runtime.sessions()[0]?.cost).toEqual(cost);
});
