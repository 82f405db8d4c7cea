import fs, { existsSync } from 'node:fs';
import { UpdateAgentRuntimeCommand } from '@aws-sdk/client-bedrock-agentcore-control';
import { ManualClock, type LocalRuntimeDefinition } from 'stateful-mcp-local';
import { PLAIN } from '../../../local/src/model/runtime-definition';
import type { RuntimeVersion } from '../../../local/src/session/runtime-version';
import { SessionStorage } from '../../../local/src/session/session-storage';
import { controlClient } from '../aws-clients';
import { newRuntime, nextStop, sessionServer, startRuntime, until, type Started } from '../running';

/** A server without sessions of its own that appends a word to a file and answers with the file. */
const server: LocalRuntimeDefinition = {
  name: 'notes',
  sessionStorage: '/mnt/notes',
  command: [
    process.execPath,
    '-e',
    `
  const { appendFileSync, readFileSync } = require('node:fs');
  const file = process.env.STATEFUL_MCP_SESSION_STORAGE + '/notes';
  require('node:http').createServer((request, response) => {
    let body = '';
    request.on('data', chunk => body += chunk).on('end', () => {
      const { id, method, params } = JSON.parse(body);
      if (method === 'tools/call') appendFileSync(file, params.arguments.word + ' ');
      const result = method === 'tools/call' ? { notes: readFileSync(file, 'utf8'), folder: process.env.STATEFUL_MCP_SESSION_STORAGE } : {};
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ jsonrpc: '2.0', id, result }));
    });
  }).listen(process.env.PORT, process.env.HOST);
`,
  ],
};

interface Notes {
  readonly notes: string;
  readonly folder: string;
}
const note = async ({ endpoint }: Started, word: string, sessionId: string): Promise<Notes> =>
  (await endpoint.message<Notes>('note', { word }, sessionId)).result as Notes;

test('each session has a folder, which it finds again when it comes back', async () => {
  const clock = new ManualClock();
  const started = await startRuntime({ clock, runtimes: [server] });
  const sessionId = await started.endpoint.initialize();
  expect((await note(started, 'one', sessionId)).notes).toBe('one ');
  expect((await note(started, 'other', await started.endpoint.initialize())).notes).toBe('other ');
  await until(() => started.runtime.sessions().every(({ state }) => state === 'idle'));
  const stopped = nextStop(started.runtime, sessionId);
  clock.advance(900_000);
  await stopped;
  expect((await note(started, 'two', sessionId)).notes).toBe('one two ');
});

test('an id that its server refuses leaves nothing behind', async () => {
  const folders: string[] = [];
  const { runtime, endpoint } = await startRuntime({
    runtimes: [sessionServer({ sessionStorage: '/mnt/notes', environment: { PRINT_STORAGE: '1' } })],
    log: ({ line }) => {
      folders.push(...(/^storage (.*)$/.exec(line)?.slice(1) ?? []));
    },
  });
  const refused = nextStop(runtime);
  expect((await endpoint.call('describe', {}, 'unknown')).status).toBe(404);
  await refused;
  expect(folders.length).toBeGreaterThan(0);
  expect(folders.filter(folder => existsSync(folder))).toEqual([]);
});

test('the folder is empty after 14 days, and gone with the local runtime', async () => {
  const clock = new ManualClock();
  const started = await startRuntime({ clock, runtimes: [server] });
  const sessionId = await started.endpoint.initialize();
  const { folder } = await note(started, 'one', sessionId);
  const stopped = nextStop(started.runtime, sessionId);
  clock.advance(15 * 24 * 3_600_000);
  await stopped;
  expect((await note(started, 'two', sessionId)).notes).toBe('two ');
  await started.runtime.close();
  expect(existsSync(folder)).toBe(false);
});

test('the folder is empty on another version', async () => {
  const started = await startRuntime({
    runtimes: [server],
    artifacts: { 's3://code/notes': { directory: '.', command: server.command } },
  });
  const sessionId = await started.endpoint.initialize();
  await note(started, 'one', sessionId);
  const [, agentRuntimeId] = (started.runtime.runtimes[0]?.arn ?? '').split('/');
  await controlClient(started.url).send(
    new UpdateAgentRuntimeCommand({
      agentRuntimeId,
      roleArn: 'arn:aws:iam::123456789012:role/server',
      protocolConfiguration: { serverProtocol: 'MCP' },
      filesystemConfigurations: [{ sessionStorage: { mountPath: '/mnt/notes' } }],
      agentRuntimeArtifact: {
        codeConfiguration: {
          code: { s3: { bucket: 'code', prefix: 'notes' } },
          runtime: 'NODE_22',
          entryPoint: ['package.json'],
        },
      },
    }),
  );
  await new Promise(resolve => setTimeout(resolve, 300));
  expect((await note(started, 'two', sessionId)).notes).toBe('one two ');
  await started.runtime.faults.expireSession(sessionId);
  expect((await note(started, 'three', sessionId)).notes).toBe('three ');
});

test('a mount path elsewhere is refused', () => {
  expect(() => newRuntime({ runtimes: [{ ...server, sessionStorage: '/data' }] })).toThrow(
    '`sessionStorage` must be /mnt/ and one name',
  );
});

test('an id whose session could not get a folder is free again, and counts for no quota', async () => {
  const started = await startRuntime({ runtimes: [server], quotas: { activeSessions: 1 } });
  const full = jest.spyOn(fs, 'mkdtempSync').mockImplementation(() => {
    throw Object.assign(new Error('EMFILE: too many open files'), { code: 'EMFILE' });
  });
  const failed = await started.endpoint.message('note', { word: 'a' }, 'mine');
  full.mockRestore();
  expect(failed.error?.message).toContain('EMFILE');
  expect((await note(started, 'b', 'mine')).notes).toBe('b ');
});

describe('mounted buckets', () => {
  const mountsOf = (storage: SessionStorage, id: string): Record<string, string> => {
    const version = { version: '1', definition: { features: { ...PLAIN, bucketMounts } } } as unknown as RuntimeVersion;
    return JSON.parse(storage.environmentOf(version, id)?.STATEFUL_MCP_MOUNTS ?? '{}') as Record<string, string>;
  };
  const bucketMounts = [
    { bucket: 'files', mountPath: '/mnt/own', prefix: 'a/{runtimeSessionId}/' },
    { bucket: 'files', mountPath: '/mnt/all', prefix: 'all/' },
  ];

  test('each prefix has a directory, which outlives a session and a version', () => {
    const storage = new SessionStorage(new ManualClock());
    const [one, two] = [mountsOf(storage, 'one'), mountsOf(storage, 'two')];
    expect(one['/mnt/own']).not.toBe(two['/mnt/own']);
    expect(one['/mnt/all']).toBe(two['/mnt/all']);
    expect(one['/mnt/all']).not.toBe(one['/mnt/own']);
    expect(mountsOf(storage, 'one')).toEqual(one);
    storage.keep('issued', 'one');
    expect(mountsOf(storage, 'issued')).toEqual(one);
    storage.close();
    expect(Object.values({ ...one, ...two }).filter(directory => existsSync(directory))).toEqual([]);
  });
});
