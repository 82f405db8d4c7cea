import path from 'node:path';
import type { App } from 'aws-cdk-lib';
import { LocalRuntime } from 'stateful-mcp-local';
import { McpServerCode } from '../../lib';
import { bundled, removeProjects, synthesized } from '../lib/fixtures/projects';
import { converseWithEverything } from './everything-conversation';
import { serverEverything, SERVER_EVERYTHING_OPTIONS } from './server-everything';

afterEach(removeProjects);

test('server-everything, packaged by the construct, holds a stateful conversation in the local runtime', async () => {
  const { stack } = bundled(serverEverything(), SERVER_EVERYTHING_OPTIONS);
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
    await runtime.dispose();
  }
});

test('as the stdio server that it is by default, it holds the same conversation, unchanged', async () => {
  const projectDirectory = path.join(__dirname, '../..');
  const { stack } = synthesized(McpServerCode.fromStdio('@modelcontextprotocol/server-everything', { projectDirectory }));
  const runtime = new LocalRuntime({ assembly: path.resolve((stack.node.root as App).synth().directory) });
  try {
    const listener = await runtime.listen({ port: 0 });
    const { echoed, elicited, sampled, progress } = await converseWithEverything(`${listener.url}/mcp`);
    expect(JSON.stringify(echoed)).toContain('Echo: hello');
    expect(JSON.stringify(elicited)).toContain('Ada');
    expect(JSON.stringify(sampled)).toContain('a borrowed answer');
    expect(progress).toEqual([1, 2, 3, 4]);
  } finally {
    await runtime.dispose();
  }
});
