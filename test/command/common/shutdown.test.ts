import { Shutdown } from '../../../command/src/common/shutdown';

let shutdown: Shutdown;

beforeEach(() => {
  shutdown = new Shutdown();
});
afterEach(() => shutdown.dispose());

/** Work that lasts until it is cancelled, and can be. */
const untilAborted = (signal: AbortSignal): Promise<string> =>
  new Promise(resolve => signal.addEventListener('abort', () => resolve('cancelled'), { once: true }));

test('the first Ctrl-C cancels what is under way, the next ends the command', async () => {
  const first = shutdown.cancellable(untilAborted);
  shutdown.request('SIGINT');
  expect(await first).toBe('cancelled');
  expect(shutdown.signal.aborted).toBe(false);

  expect(await shutdown.cancellable(() => Promise.resolve('done'))).toBe('done');
  shutdown.request('SIGINT');
  expect(shutdown.signal.aborted).toBe(true);
});

test('what does not mind to be cancelled is left behind by the second Ctrl-C', async () => {
  const stubborn = shutdown.cancellable(() => new Promise<never>(() => undefined));
  shutdown.request('SIGINT');
  // npm hands the same one on.
  shutdown.request('SIGINT');
  expect(shutdown.signal.aborted).toBe(false);
  await new Promise(resolve => setTimeout(resolve, 350));
  shutdown.request('SIGINT');
  await expect(stubborn).rejects.toThrow('ended by Ctrl-C');
});

test('any other signal ends the command at once', async () => {
  const work = shutdown.cancellable(untilAborted);
  shutdown.request('SIGTERM');
  await expect(work).rejects.toThrow('ended by SIGTERM');
});
