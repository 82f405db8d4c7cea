// A server that tells what it sees of the platform: its process, and the requests that reach it, probes included.
import { subscribe } from 'node:diagnostics_channel';
import { readdirSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { availableParallelism, totalmem } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { McpServer, type CallToolResult } from '@modelcontextprotocol/server';
import { interactive, kernelUuid, mountedPath, serve } from 'stateful-mcp-server';
import * as z from 'zod';

/** So many requests are remembered. */
const MOST_REQUESTS = 200;

/** The values of these say what the platform does; of others, which may be secret, the name is told. */
const TOLD_HEADERS = /^(mcp-|x-amzn-bedrock-agentcore-(runtime-session-id|session)|user-agent$|host$|traceparent$)/;

const requests: Record<string, unknown>[] = [];
let process_: string | undefined;

// Node.js tells of each request before the server kit sees it.
subscribe('http.server.request.start', message => {
  const { method, url, headers } = (message as { request: IncomingMessage }).request;
  const told = Object.entries(headers).map(([name, value]) => [name, TOLD_HEADERS.test(name) ? value : '…']);
  requests.push({ at: new Date().toISOString(), method, path: url?.split('?')[0], headers: Object.fromEntries(told) });
  requests.splice(0, requests.length - MOST_REQUESTS);
});

void serve(() => {
  const server = new McpServer({ name: 'probe', version: '1.0.0' });
  server.registerTool('describe_process', { description: 'Tells of the process.', inputSchema: z.object({}) }, () => {
    // Drawn with the first call, so that two that were restored from one snapshot differ.
    process_ ??= kernelUuid();
    return told({
      process: process_,
      pid: process.pid,
      uid: process.getuid?.(),
      node: process.version,
      command: [...process.execArgv, ...process.argv],
      directory: process.cwd(),
      port: process.env.PORT ?? 8000,
      processors: availableParallelism(),
      memoryMiB: Math.round(totalmem() / 2 ** 20),
      environment: Object.keys(process.env).sort(),
      requestsBefore: requests.length - 1,
      uptimeSeconds: Math.round(process.uptime()),
    });
  });
  server.registerTool('list_requests', { description: 'Lists requests.', inputSchema: z.object({}) }, () =>
    told({ requests }),
  );
  server.registerTool(
    'list_directory',
    { description: 'Lists a directory.', inputSchema: z.object({ directory: z.string() }) },
    ({ directory }) => {
      try {
        return told({ entries: readdirSync(mountedPath(directory)).slice(0, 50) });
      } catch (error) {
        return told({ error: String(error) });
      }
    },
  );
  server.registerTool(
    'wait',
    { description: 'Waits, and says so each second.', inputSchema: z.object({ seconds: z.number().positive() }) },
    interactive(async ({ seconds }, io) => {
      for (let second = 1; second <= seconds; second += 1) {
        await pause(1_000);
        await io.progress(second, seconds, 'waiting');
      }
      return told({ waited: seconds });
    }),
  );
  return server;
});

function told(value: unknown): CallToolResult {
  return { content: [{ type: 'text', text: JSON.stringify(value) }] };
}
