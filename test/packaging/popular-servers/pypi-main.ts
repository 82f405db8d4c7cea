// node --import tsx test/packaging/popular-servers/pypi-main.ts [NAME==VERSION...]: packages popular servers of PyPI by
// `fromPythonStdio`, starts what was packaged in the local runtime, which takes the wheels of this machine, lists the
// tools, and prints a row of the table in docs/reference/packaging.md for each. Needs a network, uv on the PATH,
// `npm run bundle`, and a Python of the version that PYTHON_RUNTIME names (`PYTHON_3_13` when it is not set) as `python3`.
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { AgentCoreRuntime } from 'aws-cdk-lib/aws-bedrockagentcore';
import { LocalRuntime } from 'stateful-mcp-local';
import { McpServerCode, StatefulMcpServer } from '../../../lib';
import { firstLine, listedTools } from './listed-tools';
import { PYPI_SERVERS, type PypiServer } from './pypi-servers';

const START_MS = 120_000;

async function main(requirements: readonly string[]): Promise<void> {
  process.env.CDK_VALIDATION ??= 'false';
  for (const server of PYPI_SERVERS) {
    if (requirements.length === 0 || requirements.includes(server.requirement)) {
      const outdir = realpathSync(mkdtempSync(path.join(os.tmpdir(), 'popular-server-')));
      const { packaged, listed } = await tried(server, outdir);
      rmSync(outdir, { recursive: true, force: true });
      const [name, version] = server.requirement.split('==');
      console.log(`| \`${name}\` ${version} | ${packaged} | ${listed} |`);
    }
  }
}

async function tried(server: PypiServer, outdir: string): Promise<{ packaged: string; listed: string }> {
  try {
    synthesize(server, outdir);
  } catch (error) {
    return { packaged: `no: ${firstLine(error)}`, listed: '' };
  }
  return { packaged: 'yes', listed: await started(outdir) };
}

function synthesize({ requirement, program, args, environment }: PypiServer, outdir: string): void {
  const app = new App({ outdir });
  new StatefulMcpServer(new Stack(app, 'Popular'), 'Server', {
    code: McpServerCode.fromPythonStdio(requirement, {
      program,
      args: args && [...args],
      interpreter: AgentCoreRuntime.of(process.env.PYTHON_RUNTIME ?? 'PYTHON_3_13'),
    }),
    environment,
  });
  app.synth();
}

async function started(assembly: string): Promise<string> {
  const said: string[] = [];
  const runtime = new LocalRuntime({
    assembly,
    log: entry => said.push('line' in entry ? String(entry.line) : ''),
  });
  try {
    const listener = await runtime.listen({ port: 0 });
    return `${await listedTools(`${listener.url}/mcp`, START_MS)}`;
  } catch (error) {
    const line = said
      .map(lineOfChild)
      .filter(text => /error|exception|not found/i.test(text))
      .at(-1);
    return `no: ${firstLine(line ?? error)}`;
  } finally {
    await runtime.close();
  }
}

/** What the server itself said, of a line of the bridge's log. */
function lineOfChild(text: string): string {
  return /"event":"child-output".*"line":"((?:[^"\\]|\\.)*)"/.exec(text)?.[1] ?? text;
}

void main(process.argv.slice(2));
