import path from 'node:path';
import type { App } from 'aws-cdk-lib';
import { LocalRuntime } from 'stateful-mcp-local';
import { McpServerCode } from '../../lib';
import { bundled, removeProjects, synthesized, type Synthesized } from '../lib/fixtures/projects';
import { converseWithEverything } from './everything-conversation';
import { serverEverything, SERVER_EVERYTHING_OPTIONS } from './server-everything';

afterEach(removeProjects);

const repository = path.join(__dirname, '../..');

test.each<[string, () => Synthesized]>([
  ['over HTTP, packaged from an entry of two lines', () => bundled(serverEverything(), SERVER_EVERYTHING_OPTIONS)],
  [
    'over stdio, unchanged',
    () =>
      synthesized(McpServerCode.fromStdio('@modelcontextprotocol/server-everything', { projectDirectory: repository })),
  ],
])('server-everything, %s, holds a stateful conversation in the local runtime', async (_, synthesize) => {
  const { stack } = synthesize();
  const runtime = new LocalRuntime({ assembly: path.resolve((stack.node.root as App).synth().directory) });
  try {
    const listener = await runtime.listen({ port: 0 });
    const { echoed, elicited, sampled, progress } = await converseWithEverything(`${listener.url}/mcp`);
    expect(JSON.stringify(echoed)).toContain('Echo: hello');
    expect(JSON.stringify(elicited)).toContain('Ada');
    expect(JSON.stringify(sampled)).toContain('a borrowed answer');
    expect(progress).toEqual([1, 2, 3, 4]);
    expect(runtime.sessions().filter(({ state }) => state !== 'stopping')).toEqual([]);
  } finally {
    await runtime.close();
  }
});
