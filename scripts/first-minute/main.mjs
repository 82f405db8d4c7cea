// The first minute of somebody who has never seen the project: from the packages as they would be published, in an empty
// folder, `npm create`, then the three commands of the README that it wrote, and a conversation from a second terminal.
// What is not installation has to be done within a minute. Needs `npm run build` before it, and uv for Python.
// Arguments choose: `typescript/typescript python/none` (language of the server, of the CDK app) is the default, `all`
// is all that `init` writes. `--no-limit` is for machines that others use, too: what is slow passes there.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';

const require = createRequire(import.meta.url);
const { NpmRegistry } = require('../release/npm-registry');
const { run } = require('../release/programs');
const { ROOT } = require('../release/published-packages');

const LIMIT_SECONDS = 60;
const NAME = 'my-first-server';

for (const built of ['dist/index.js', 'server/dist/index.d.ts', 'command/dist/starter.json']) {
  if (!existsSync(path.join(ROOT, built))) {
    throw new Error(`there is no ${built}: run \`npm run build\` first`);
  }
}
const ALL = ['typescript', 'python'].flatMap(server => ['typescript', 'python', 'none'].map(cdk => `${server}/${cdk}`));
const given = process.argv.slice(2).filter(argument => argument !== '--no-limit');
const hasLimit = !process.argv.includes('--no-limit');
const choices = given.length === 0 ? ['typescript/typescript', 'python/none'] : given.includes('all') ? ALL : given;
const unknown = choices.filter(choice => !ALL.includes(choice));
if (unknown.length > 0) {
  throw new Error(`there is no ${unknown.join(', ')}: choose from all, ${ALL.join(', ')}`);
}
const failures = [];

const folder = mkdtempSync(path.join(tmpdir(), 'stateful-mcp-first-minute-'));
const packed = path.join(folder, 'packed');
mkdirSync(packed);
const wheels = path.join(packed, 'python');
const registry = await NpmRegistry.open();
const environment = {
  ...process.env,
  npm_config_registry: registry.url,
  npm_config_cache: ownCache(),
  npm_config_prefer_offline: 'true',
  npm_config_audit: 'false',
  npm_config_fund: 'false',
  npm_config_update_notifier: 'false',
  PIP_FIND_LINKS: wheels,
  UV_FIND_LINKS: wheels,
  PIP_DISABLE_PIP_VERSION_CHECK: '1',
};
try {
  await registry.publishAll(packed);
  if (choices.some(choice => choice.startsWith('python/'))) {
    run('uv', ['build', '--quiet', '--wheel', '--out-dir', wheels, 'python']);
  }
  if (choices.some(choice => choice.endsWith('/python'))) {
    run('npx', ['jsii-pacmak', '--target', 'python', '--outdir', packed]);
  }
  for (const choice of choices) {
    await firstMinute(...choice.split('/')).catch(error => failures.push(`${choice}: ${error.message}`));
  }
} finally {
  await registry.close();
  rmSync(folder, { recursive: true, force: true });
}
if (failures.length > 0) {
  console.error(failures.join('\n\n'));
  process.exitCode = 1;
}

async function firstMinute(server, cdk) {
  console.log(`server in ${server}, CDK app: ${cdk}`);
  const home = path.join(folder, `${server}-${cdk}`);
  mkdirSync(home);
  const project = path.join(home, NAME);
  const times = [];
  const timed = async (step, work, counts = true) => {
    const start = performance.now();
    const result = await work();
    const seconds = (performance.now() - start) / 1000;
    console.log(`${seconds.toFixed(1).padStart(6)} s  ${step}${counts ? '' : '  (not counted)'}`);
    times.push(counts ? seconds : 0);
    return result;
  };

  const create = ['npm', 'create', '--yes', 'stateful-mcp', NAME, '--', '--server', server, '--cdk', cdk];
  await timed(
    'npm installs create-stateful-mcp',
    () => shell('npm exec --yes create-stateful-mcp -- --help', home),
    false,
  );
  await timed('npm create stateful-mcp', () => shell(create.join(' '), home));
  const [, block = ''] = /```sh\n([^]*?)```/.exec(readFileSync(path.join(project, 'README.md'), 'utf8')) ?? [];
  const [install, test, dev] = block.trim().split('\n');
  await timed(install, () => shell(install, project), false);
  await timed(test, () => shell(test, project));
  // Nobody types this in the first minute, and it has to hold all the same.
  await timed('npm run typecheck', () => shell('npm run --if-present typecheck', project), false);
  const running = await timed(dev, () => serving(dev, project));
  try {
    const call = `npx stateful-mcp call --url ${running.url} book_table`;
    const said = await timed(call, () => shell(call, project));
    if (!said.includes('Booked lunch for 2, under me.')) {
      throw new Error(`the conversation ended with:\n${said}`);
    }
  } finally {
    await running.end();
  }

  const total = times.reduce((sum, seconds) => sum + seconds, 0);
  console.log(`${total.toFixed(1).padStart(6)} s  beside the installation`);
  if (hasLimit && total > LIMIT_SECONDS) {
    throw new Error(`the first minute took ${total.toFixed(1)} s`);
  }
}

/** What a command printed, typed in a shell where the virtual environment of the project is active. */
async function shell(command, cwd) {
  const child = spawn('bash', ['-c', inEnvironment(command, cwd)], {
    cwd,
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', text => (output += text));
  }
  const [status] = await once(child, 'close');
  if (status !== 0) {
    throw new Error(`\`${command}\` ended with ${status}:\n${output}`);
  }
  return output;
}

function inEnvironment(command, cwd) {
  return existsSync(path.join(cwd, '.venv')) ? `. .venv/bin/activate && ${command}` : command;
}

/** Runs until it is ended; gives the URL that it prints. */
async function serving(command, cwd) {
  const child = spawn('bash', ['-c', inEnvironment(command, cwd)], {
    cwd,
    env: environment,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  let ended = false;
  const closed = new Promise(resolve => child.once('close', resolve)).then(() => (ended = true));
  const found = new Promise((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', text => {
        output += text;
        const [url] = /http:\/\/127\.0\.0\.1:\d+\/mcp(?=\s)/.exec(output) ?? [];
        if (url !== undefined) {
          resolve(url);
        }
      });
    }
    child.once('close', code => reject(new Error(`\`${command}\` ended with ${code}:\n${output}`)));
  });
  const end = async () => {
    if (!ended) {
      process.kill(-child.pid, 'SIGTERM');
      await closed;
    }
  };
  return { url: await found, end };
}

/** What npm has fetched before is there, but no program that it has installed for `npm create` before. */
function ownCache() {
  const cache = path.join(folder, 'cache');
  mkdirSync(cache);
  const usual = execFileSync('npm', ['config', 'get', 'cache'], { encoding: 'utf8' }).trim();
  if (existsSync(path.join(usual, '_cacache'))) {
    symlinkSync(path.join(usual, '_cacache'), path.join(cache, '_cacache'));
  }
  return cache;
}
