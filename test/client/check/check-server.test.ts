import { checkServer } from 'stateful-mcp-client';
import { closeRuntimes, deploy } from '../deployed';
import { closeServers, v2Server } from '../servers';
test('x', async () => {
  const { url } = await v2Server();
  const lines: string[] = [];
  const report = await checkServer({ target: url, definition: { eras: ['legacy', 'modern'], tools: ['ask', 'nope'], parallelFirstCalls: 3, latency: { firstCallMs: 5000, warmCallMs: 1000 }, conversations: [{ tool: 'ask', elicitation: [{ accept: { amount: 2 } }] }, { tool: 'ask' }, { tool: 'ask_working', elicitation: ['decline'], progress: { atLeast: 2 } }] }, onTranscript: l => lines.push(l) });
  console.log(JSON.stringify({ ...report, contract: 0, transcript: 0 }, null, 1), lines.join('\n'));
  const d = await deploy();
  const report2 = await checkServer({ target: d.url, auth: 'none', definition: {}, sessionIdSeed: 'a' });
  console.log(JSON.stringify({ ...report2, contract: 0 }, null, 1));
}, 60000);
afterEach(async () => { await closeRuntimes(); await closeServers(); });
