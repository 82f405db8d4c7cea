import { execFileSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { compare } from './harness';

/**
 * What the construct costs at synth, against the L2 alone with the same esbuild calls. Each sample is a process of its
 * own.
 */
export async function benchSynth(): Promise<void> {
  for (const servers of [1, 10, 50]) {
    await compare({
      title: `Synth of ${servers} server${servers > 1 ? 's' : ''}, each with an entry of its own`,
      reference: { name: 'L2 alone, same esbuild calls', run: () => synthesize('l2', servers) },
      subjects: [{ name: 'StatefulMcpServer', run: () => synthesize('l3', servers) }],
      rounds: servers >= 50 ? 5 : 7,
      target: servers >= 50 ? 'at most 1.3x the L2' : undefined,
    });
  }
}

/** What a synthesis costs when nothing has changed since the last, into the same cloud assembly. */
export async function benchSecondSynth(): Promise<void> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'stateful-mcp-bench-'));
  await synthesize('l3', 50, folder);
  await compare({
    title: 'Unchanged second synth of 50 servers',
    reference: { name: 'a synth that bundles nothing', run: () => synthesize('none', 50) },
    subjects: [{ name: 'StatefulMcpServer', run: () => synthesize('l3', 50, folder) }],
    rounds: 5,
    target: 'at most 1.1x',
  });
}

/** Runs the app in a process and returns the milliseconds from its first construct to the written assembly. */
function synthesize(
  variant: 'l2' | 'l3' | 'none',
  servers: number,
  out = mkdtempSync(path.join(os.tmpdir(), 'stateful-mcp-bench-')),
): Promise<number> {
  const stdout = execFileSync(
    process.execPath,
    ['--import', 'tsx', path.join(__dirname, 'fixtures', 'synth-app.ts'), variant, String(servers), out],
    {
      cwd: path.join(__dirname, '..'),
      env: { ...process.env, CDK_VALIDATION: 'false' },
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  return Promise.resolve(Number(stdout.toString().trim().split('\n').at(-1)));
}
