import { connect, fileSessionStore } from 'stateful-mcp-client';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { closeServers, initialized, scriptedServer } from '../servers';

// A gateway in front of two versions of a runtime, which holds a session to one of them by a header.

afterEach(closeServers);

const HEADER = 'x-amzn-bedrock-agentcore-runtime-session-id';
const GATEWAY = 'https://canary-abc1234567.gateway.bedrock-agentcore.us-east-1.amazonaws.com/live/invocations';
const RUNTIME_SESSION = '11111111-2222-3333-4444-555555555555';

/** A server behind a gateway, and by which id the session was named in each request. */
async function behindGateway(told: Record<string, string>) {
  const named: string[] = [];
  const { url } = await scriptedServer(({ id, method }, { method: verb, headers }) => {
    named.push(`${method ?? verb} ${String(headers[HEADER])}`);
    if (verb !== 'POST') {
      return { status: verb === 'GET' ? 405 : 200 };
    }
    const answer = method === 'initialize' ? initialized(id) : { status: 202, headers: {} };
    return { ...answer, headers: { ...answer.headers, ...told } };
  });
  const through: typeof fetch = (_url, init) => fetch(url, init);
  return { through, named };
}

test('the first answer tells the id that all requests after it name', async () => {
  const { through, named } = await behindGateway({ [HEADER]: RUNTIME_SESSION });
  const client = await connect(GATEWAY, { fetch: through, auth: 'none' });
  await client.close();
  expect(named[0]).toBe('initialize undefined');
  expect(named.length).toBeGreaterThan(2);
  expect(named.slice(1).filter(each => !each.endsWith(` ${RUNTIME_SESSION}`))).toEqual([]);
});

test('where a gateway keeps that to itself, the id of the MCP session is it', async () => {
  const { through, named } = await behindGateway({ 'mcp-session-id': RUNTIME_SESSION });
  const client = await connect(GATEWAY, { fetch: through, auth: 'none' });
  await client.close();
  expect(named).toContain(`notifications/initialized ${RUNTIME_SESSION}`);
});

test('an id that is shorter than a gateway takes is none of a runtime', async () => {
  const { through, named } = await behindGateway({ 'mcp-session-id': 'x'.repeat(32) });
  const client = await connect(GATEWAY, { fetch: through, auth: 'none' });
  await client.close();
  expect(named.filter(each => !each.endsWith(' undefined'))).toEqual([]);
});

test('a session that was kept is held to its version by the next process, too', async () => {
  const directory = mkdtempSync(path.join(os.tmpdir(), 'gateway-sessions-'));
  try {
    const { through, named } = await behindGateway({ [HEADER]: RUNTIME_SESSION });
    const options = { fetch: through, auth: 'none', sessions: fileSessionStore(directory) } as const;
    await (await connect(GATEWAY, options)).close();
    named.length = 0;
    const client = await connect(GATEWAY, options);
    await client.close();
    expect(named.filter(each => !each.endsWith(` ${RUNTIME_SESSION}`))).toEqual([]);
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test('other servers get no such header', async () => {
  const { through, named } = await behindGateway({ [HEADER]: RUNTIME_SESSION });
  const client = await connect('https://mcp.example.com/mcp', { fetch: through, auth: 'none' });
  await client.close();
  expect(named.filter(each => !each.endsWith(' undefined'))).toEqual([]);
});
