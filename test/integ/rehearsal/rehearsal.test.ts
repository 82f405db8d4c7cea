import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { QUESTIONS } from '../questions/index';
import { isAsked } from '../questions/question';
import type { IntegReport } from '../report/report';

const ROOT = path.join(__dirname, '..', '..', '..');
/** What this machine has not: documentation, registries, Amazon Cognito. */
const NOT_HERE = [
  'loopback-callback',
  'contract-page',
  'probes-page',
  'endpoints-page',
  'hooks-page',
  'newest-packages',
];

const folder = mkdtempSync(path.join(os.tmpdir(), 'integ-rehearsal-'));
afterAll(() => rmSync(folder, { recursive: true }));

interface Outcome {
  readonly exitCode: number | null;
  readonly output: string;
  readonly report: IntegReport & { readonly passed: boolean };
  readonly text: string;
  /** What is left of it on this machine. */
  readonly files: readonly string[];
}

/** @param endAfter - text after which the program is asked to end, as by Ctrl-C */
async function rehearse(name: string, args: readonly string[], endAfter?: string): Promise<Outcome> {
  const report = path.join(folder, `${name}.md`);
  const temporary = mkdtempSync(path.join(folder, 'tmp-'));
  const program = ['--import', 'tsx', 'test/integ/main.ts', '--rehearse', '--report', report, ...args];
  const child = spawn(process.execPath, program, {
    cwd: ROOT,
    env: { ...process.env, TMPDIR: temporary, CDK_VALIDATION: 'false' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  let ended = false;
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      if (endAfter !== undefined && !ended && output.includes(endAfter)) {
        ended = true;
        child.kill('SIGINT');
      }
    });
  }
  const [exitCode] = (await once(child, 'close')) as [number | null];
  if (!existsSync(report)) {
    throw new Error(`there is no report: ${output}`);
  }
  return {
    exitCode,
    output,
    report: JSON.parse(readFileSync(report.replace('.md', '.json'), 'utf8')) as Outcome['report'],
    text: readFileSync(report, 'utf8'),
    files: readdirSync(temporary).filter(file => /^(integ-|stateful-mcp-deploy-)/.test(file)),
  };
}

test('every question is answered, cannot be asked here, or says why it is not asked; nothing is left', async () => {
  const { exitCode, output, report, text, files } = await rehearse('whole', []);
  expect(report.errors).toEqual([]);
  expect(report.questions.filter(({ status }) => status === 'broken')).toEqual([]);
  const idsOf = (status: string): string[] =>
    report.questions.filter(question => question.status === status).map(({ id }) => id);
  expect(idsOf('cannot be asked here').sort()).toEqual([...NOT_HERE].sort());
  expect(idsOf('answered').length).toBe(QUESTIONS.filter(isAsked).length - NOT_HERE.length);
  expect(idsOf('not asked').length).toBe(QUESTIONS.length - QUESTIONS.filter(isAsked).length);
  expect(report.callers.map(({ expected, leftOut }) => [expected, leftOut])).toEqual(
    report.callers.map(() => [true, undefined]),
  );
  expect(report.callers.length).toBeGreaterThan(7);
  expect(report.stacks.filter(({ failure }) => failure !== undefined)).toEqual([]);
  expect(report.leftovers).toEqual([]);
  expect(files).toEqual([]);
  expect(text).not.toMatch(/eyJ|\b000000000000\b(?=[:%])/);
  for (const { id } of QUESTIONS) {
    expect(text).toContain(`### ${id}\n`);
  }
  expect([exitCode, output.includes('passed: ')]).toEqual([0, true]);
});

test('what was made is removed when somebody ends the program, and the report says so', async () => {
  const { exitCode, report, files } = await rehearse(
    'ended',
    ['--only', 'get-and-delete,idle-stream'],
    'get-and-delete:',
  );
  expect(exitCode).toBe(130);
  expect(report.errors).toEqual(['the run was ended before its time']);
  const statusOf = (wanted: string): string | undefined => report.questions.find(({ id }) => id === wanted)?.status;
  expect(['get-and-delete', 'idle-stream'].map(statusOf)).toEqual(['answered', 'left out']);
  expect(report.leftovers).toEqual([]);
  expect(files).toEqual([]);
});
