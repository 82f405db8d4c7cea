// Python servers of an assembly, which has wheels for Linux on arm64, on this machine, which has its own.
import path from 'node:path';
import { execFileSync } from 'node:child_process';
import type { App } from 'aws-cdk-lib';
import { AgentCoreRuntime } from 'aws-cdk-lib/aws-bedrockagentcore';
import { LocalRuntime } from 'stateful-mcp-local';
import { McpServerCode, Packaging } from '../../lib';
import { project, removeProjects, synthesized } from '../lib/fixtures/projects';
import { closeClients, connectClient, textOf } from '../server/clients';

afterEach(closeClients);
afterEach(removeProjects);

const [, minor = '13'] = execFileSync('python3', ['--version'], { encoding: 'utf8' }).split('.');
const interpreter = AgentCoreRuntime.of(`PYTHON_3_${minor}`);

/** It answers with the version of a package that is partly binary, and with where the binary is. */
const SERVER = `
import os
import pydantic_core
from mcp.server.fastmcp import FastMCP

server = FastMCP("versions", host="127.0.0.1", port=int(os.environ.get("PORT", "8000")))

@server.tool()
def version() -> str:
    return pydantic_core.__version__ + " " + pydantic_core._pydantic_core.__file__

server.run(transport="streamable-http")
`;

test.each<[string, () => McpServerCode, string, Record<string, unknown>, RegExp]>([
  [
    'a server in an image',
    () =>
      McpServerCode.fromPython(
        project({ 'main.py': SERVER, 'requirements.txt': 'mcp==1.20.0\npydantic-core==2.41.4\npydantic==2.12.3\n' }),
        {
          interpreter,
        },
      ),
    'version',
    {},
    /^2\.41\.4 .*\.so$/,
  ],
  [
    'a stdio server in a zip file',
    () => McpServerCode.fromPythonStdio('mcp-server-time==2026.10.19', { interpreter, packaging: Packaging.zip() }),
    'get_current_time',
    { timezone: 'Etc/UTC' },
    /"timezone": "Etc\/UTC"/,
  ],
])('%s runs with the wheels of this machine in the same versions', async (_case, code, tool, args, answer) => {
  const { stack } = synthesized(code());
  const runtime = new LocalRuntime({ assembly: path.resolve((stack.node.root as App).synth().directory) });
  try {
    const { url } = await runtime.listen({ port: 0 });
    expect(runtime.leftOut).toEqual([]);
    const client = await connectClient('SDK v1', `${url}/mcp`);
    expect(textOf(await client.call(tool, args))).toMatch(answer);
  } finally {
    await runtime.close();
  }
});
