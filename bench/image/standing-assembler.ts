import { fork } from 'node:child_process';
import { once } from 'node:events';
import type { MeasuredRun } from './measured-program';

/** The assembler in a process that is up before it is asked, as a function of AWS Lambda is. */
export interface StandingAssembler {
  readonly assemble: (base: string, repository: string, zip: string) => Promise<MeasuredRun>;
  readonly end: () => Promise<void>;
}

/** @param fixture - `assembling-process.ts`, bundled */
export async function startAssembler(fixture: string): Promise<StandingAssembler> {
  const child = fork(fixture, { execArgv: [] });
  const ended = once(child, 'exit').then(() => {
    throw new Error('the assembler ended');
  });
  ended.catch(() => undefined);
  const answer = () => Promise.race([once(child, 'message'), ended]);
  await answer();
  return {
    async assemble(...image) {
      const start = performance.now();
      child.send(image);
      const [peakMemoryBytes] = (await answer()) as [number];
      return { milliseconds: performance.now() - start, peakMemoryBytes };
    },
    async end() {
      child.disconnect();
      await ended.catch(() => undefined);
    },
  };
}
