// The server that the official conformance suite is run against: the tools, resources and prompts which its scenarios
// call by name, served by the kit. `MODERN=park` runs the interactive ones parked instead of replayed.
import { McpServer, type ServerNotifier } from '@modelcontextprotocol/server';
import { serve } from 'stateful-mcp-server';
import { registerContent } from './content-fixtures';
import { registerInteractions } from './interaction-fixtures';
import { registerRounds } from './round-fixtures';

let notify: ServerNotifier | undefined;

const listening = serve(({ era }) => {
  const server = new McpServer(
    { name: 'conformance-fixtures', version: '1.0.0' },
    {
      capabilities: {
        tools: { listChanged: true },
        resources: { subscribe: true, listChanged: true },
        prompts: { listChanged: true },
        logging: {},
        completions: {},
      },
    },
  );
  registerContent(server, era);
  registerInteractions(server, process.env['MODERN'] === 'park' ? 'park' : 'replay');
  registerRounds(server, () => notify);
  return server;
});

void listening.then(listener => {
  notify = listener.notify;
});
