import { cpSync, existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { synthesize } from '../../../command/src/app/synthesize';
import { isRunning } from '../run-command';
import { removeTemporaryFolders, temporaryFolder } from '../assembly';

afterEach(removeTemporaryFolders);

const signal = new AbortController().signal;
const MANIFEST = '{"version":"53.0.0","artifacts":{}}';

/** A folder with a cdk.json and an app that is a plain script. */
function project(script: string, cdk: Record<string, unknown> = {}): string {
  const folder = temporaryFolder();
  writeFileSync(path.join(folder, 'app.mjs'), `import fs from 'node:fs';\n${script}`);
  writeFileSync(path.join(folder, 'cdk.json'), JSON.stringify({ app: 'node app.mjs', ...cdk }));
  return folder;
}

const WRITE = `fs.writeFileSync(process.env.CDK_OUTDIR + '/manifest.json', ${JSON.stringify(MANIFEST)});`;
const SHOW_CONTEXT = `${WRITE}
const overflow = process.env.CONTEXT_OVERFLOW_LOCATION;
const context = { ...JSON.parse(process.env.CDK_CONTEXT_JSON), ...(overflow ? JSON.parse(fs.readFileSync(overflow, 'utf8')) : {}) };
fs.writeFileSync(process.env.CDK_OUTDIR + '/context.json', JSON.stringify(context));`;

function contextOf(directory: string): Record<string, unknown> {
  return JSON.parse(readFileSync(path.join(directory, 'context.json'), 'utf8')) as Record<string, unknown>;
}

test('runs the app of cdk.json into a folder of its own, and removes that afterwards', async () => {
  const folder = project(WRITE);
  const [first, second] = await Promise.all([synthesize({ folder, signal }), synthesize({ folder, signal })]);

  expect(readFileSync(path.join(first.directory, 'manifest.json'), 'utf8')).toBe(MANIFEST);
  expect(first.directory).not.toBe(second.directory);
  expect(readdirSync(folder).sort()).toEqual(['app.mjs', 'cdk.json']);
  await Promise.all([first.dispose(), second.dispose()]);
  expect(existsSync(first.directory)).toBe(false);
});

test('gives the app the context of cdk.json and cdk.context.json, as the CDK CLI does', async () => {
  const folder = project(SHOW_CONTEXT, { context: { mine: 1, '@aws-cdk/core:flag': true } });
  // As editors on Windows write it.
  writeFileSync(
    path.join(folder, 'cdk.context.json'),
    `\uFEFF${JSON.stringify({ mine: 2, 'availability-zones:account=1:region=x': ['a'] })}`,
  );
  const assembly = await synthesize({ folder, signal });
  expect(contextOf(assembly.directory)).toEqual({
    mine: 1,
    '@aws-cdk/core:flag': true,
    'availability-zones:account=1:region=x': ['a'],
    'aws:cdk:enable-path-metadata': true,
    'aws:cdk:enable-asset-metadata': true,
  });
  await assembly.dispose();
});

test('gives the app a context that is too large for an environment variable', async () => {
  const folder = project(SHOW_CONTEXT, { context: { large: 'x'.repeat(300_000) } });
  const assembly = await synthesize({ folder, signal });
  expect(contextOf(assembly.directory).large).toHaveLength(300_000);
  await assembly.dispose();
});

test('gives context values of its own before those of cdk.json', async () => {
  const folder = project(SHOW_CONTEXT, { context: { here: 'file', there: 'file' } });
  const assembly = await synthesize({ folder, context: { here: 'command line' }, signal });
  expect(contextOf(assembly.directory)).toMatchObject({ here: 'command line', there: 'file' });
  await expect(synthesize({ folder, app: assembly.directory, context: { here: 'x' }, signal })).rejects.toThrow(
    /`--context` is for an app that is synthesized/,
  );
  await assembly.dispose();
});

test('runs a build before the app, by the shell', async () => {
  const folder = project(`if (!fs.existsSync('built')) throw new Error('not built');\n${WRITE}`, {
    build: 'echo yes > built && true',
  });
  await (await synthesize({ folder, signal })).dispose();
});

test('takes another command than that of cdk.json', async () => {
  const folder = project('throw new Error("not this one");');
  writeFileSync(path.join(folder, 'other.mjs'), `import fs from 'node:fs';\n${WRITE}`);
  await (await synthesize({ folder, app: 'node other.mjs', signal })).dispose();
});

test.each(['app', 'cdk.json'])(
  'takes a folder that was synthesized before, named by %s, and leaves it alone',
  async by => {
    const folder = project('', by === 'cdk.json' ? { app: 'cdk.out' } : {});
    const made = await synthesize({ folder: project(WRITE), signal });
    cpSync(made.directory, path.join(folder, 'cdk.out'), { recursive: true });
    await made.dispose();

    const assembly = await synthesize({ folder, app: by === 'app' ? 'cdk.out' : undefined, signal });

    expect(assembly.directory).toBe(path.join(folder, 'cdk.out'));
    await assembly.dispose();
    expect(existsSync(assembly.directory)).toBe(true);
  },
);

describe('says what is wrong', () => {
  test('when there is no app', async () => {
    const folder = temporaryFolder();
    await expect(synthesize({ folder, signal })).rejects.toThrow(
      `there is no cdk.json in ${folder}: change to the folder of the CDK app, or pass --app`,
    );
  });

  test('when cdk.json has no app', async () => {
    const folder = project('', { app: undefined });
    await expect(synthesize({ folder, signal })).rejects.toThrow('cdk.json has no `app`');
  });

  test('when cdk.json is not JSON', async () => {
    const folder = temporaryFolder();
    writeFileSync(path.join(folder, 'cdk.json'), '{');
    await expect(synthesize({ folder, signal })).rejects.toThrow('cdk.json is not JSON');
  });

  test('when the app fails, with its output and nothing left behind', async () => {
    const folder = project(
      'console.log("out", process.env.CDK_OUTDIR); console.error("stack is missing"); process.exit(4);',
    );
    const error = await synthesize({ folder, signal }).catch((thrown: unknown) => thrown as Error);
    expect((error as Error).message).toMatch(
      /^the CDK app failed \(exit code 4\): node app\.mjs\n\nout .*\nstack is missing$/,
    );
    const [, directory = ''] = /out (.*)/.exec((error as Error).message) ?? [];
    expect(existsSync(directory)).toBe(false);
  });

  test('when the app does not exist', async () => {
    await expect(synthesize({ folder: temporaryFolder(), app: 'no-such-program-here', signal })).rejects.toThrow(
      /the CDK app failed \(exit code 127\): no-such-program-here/,
    );
  });

  test('when the app writes nothing', async () => {
    await expect(synthesize({ folder: project(''), signal })).rejects.toThrow(
      '`node app.mjs` ended without writing a cloud assembly',
    );
  });

  test('when the folder is no cloud assembly', async () => {
    const folder = temporaryFolder();
    await expect(synthesize({ folder, app: '.', signal })).rejects.toThrow(
      `--app names the folder ${folder}, which is no cloud assembly`,
    );
  });
});

test('ends the app, and what it started, when told to', async () => {
  const folder = project(`import { spawn } from 'node:child_process';
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'inherit' });
    fs.writeFileSync('pids.tmp', process.pid + ' ' + child.pid);
    fs.renameSync('pids.tmp', 'pids');
    setInterval(() => {}, 1000);`);
  const controller = new AbortController();
  const synthesis = synthesize({ folder, signal: controller.signal });
  const outcome = expect(synthesis).rejects.toThrow('told to');
  while (!existsSync(path.join(folder, 'pids'))) {
    await new Promise(resolve => setTimeout(resolve, 20));
  }
  const pids = readFileSync(path.join(folder, 'pids'), 'utf8').split(' ').map(Number);

  controller.abort(new Error('told to'));
  await outcome;

  while (pids.some(isRunning)) {
    await new Promise(resolve => setTimeout(resolve, 20));
  }
});
