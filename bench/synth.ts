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

/**
 * What the constructs cost at synth for all that a server for users needs, against the same by hand
 * (`samples/fully-equipped`): time, and bytes of templates. `npm run bench -- equipped-synth 1 10` is for these numbers
 * of servers.
 */
export async function benchEquippedSynth(counts: readonly number[]): Promise<void> {
  for (const servers of counts.length > 0 ? counts : [1, 10, 50]) {
    const of = `${servers} fully equipped server${servers > 1 ? 's' : ''}`;
    const variants = [
      ['StatefulMcpServer, zip file', 'equipped'],
      ['StatefulMcpServer, image without Docker', 'equipped-image'],
    ] as const;
    const bytes = new Map<Variant, number>();
    const timed = (name: string, variant: Variant) => ({
      name,
      run: () => {
        const synthesis = run(variant, servers);
        bytes.set(variant, synthesis.bytes);
        return Promise.resolve(synthesis.ms);
      },
    });
    const sized = (name: string, variant: Variant) => ({
      name,
      run: () => Promise.resolve(bytes.get(variant) ?? NaN),
    });
    await compare({
      title: `Synth of ${of}, each with an entry of its own`,
      reference: timed('by hand with the L2, zip file', 'by-hand'),
      subjects: variants.map(([name, variant]) => timed(name, variant)),
      rounds: servers >= 50 ? 3 : 5,
      target: 'at most 1.15x the program by hand, for the zip file',
    });
    await compare({
      title: `Templates of ${of}`,
      reference: sized('by hand with the L2, zip file', 'by-hand'),
      subjects: variants.map(([name, variant]) => sized(name, variant)),
      rounds: 1,
      warmup: 0,
      unit: 'bytes',
      target: 'at most 1.1x the program by hand, for the zip file',
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

type Variant = 'l2' | 'l3' | 'none' | 'by-hand' | 'equipped' | 'equipped-image';

/** @returns the milliseconds from the first construct to the written assembly */
function synthesize(variant: Variant, servers: number, out?: string): Promise<number> {
  return Promise.resolve(run(variant, servers, out).ms);
}

/** Runs the app in a process. */
function run(
  variant: Variant,
  servers: number,
  out = mkdtempSync(path.join(os.tmpdir(), 'stateful-mcp-bench-')),
): { readonly ms: number; readonly bytes: number } {
  const stdout = execFileSync(
    process.execPath,
    ['--import', 'tsx', path.join(__dirname, 'fixtures', 'synth-app.ts'), variant, String(servers), out],
    {
      cwd: path.join(__dirname, '..'),
      // What earlier synths have made is used again for the same assembly alone.
      env: { ...process.env, CDK_VALIDATION: 'false', CDK_STATEFUL_MCP_CACHE: `${out}-cache` },
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const [bytes = NaN, ms = NaN] = stdout.toString().trim().split('\n').slice(-2).map(Number);
  return { ms, bytes };
}
