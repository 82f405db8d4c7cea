import fs, { existsSync } from 'node:fs';
import path from 'node:path';
import { UpdateAgentRuntimeCommand } from '@aws-sdk/client-bedrock-agentcore-control';
import { ManualClock, type LocalRuntimeDefinition } from 'stateful-mcp-local';
import { PLAIN } from '../../../local/src/model/runtime-definition';
import type { RuntimeVersion } from '../../../local/src/session/runtime-version';
import { SessionStorage } from '../../../local/src/session/session-storage';
import { controlClient } from '../aws-clients';
import { imageRuntimeResource, writeAssembly } from '../assembly';
import { newRuntime, nextStop, sessionServer, startRuntime, until, type Started } from '../running';

/** A server without sessions of its own that appends a word to a file and answers with the file. */
const serverWith = (folder: string): readonly [string, ...string[]] => [
  process.execPath,
  '-e',
  `
  const { appendFileSync, readFileSync } = require('node:fs');
  const folder = ${folder};
  const file = folder + '/notes';
  require('node:http').createServer((request, response) => {
    let body = '';
    request.on('data', chunk => body += chunk).on('end', () => {
      const { id, method, params } = JSON.parse(body);
      if (method === 'tools/call') appendFileSync(file, params.arguments.word + ' ');
      const result = method === 'tools/call' ? { notes: readFileSync(file, 'utf8'), folder } : {};
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ jsonrpc: '2.0', id, result }));
    });
  }).listen(process.env.PORT, process.env.HOST);
`,
];
const server: LocalRuntimeDefinition = {
  name: 'notes',
  sessionStorage: '/mnt/notes',
  command: serverWith('process.env.STATEFUL_MCP_SESSION_STORAGE'),
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

test('a server that removes its folder and refuses the session is a session that stopped all the same', async () => {
  const script = `
    require('node:http').createServer((request, response) => {
      require('node:fs').rmSync(process.env.STATEFUL_MCP_SESSION_STORAGE, { recursive: true });
      response.writeHead(404).end();
    }).listen(process.env.PORT, process.env.HOST);`;
  const { runtime, endpoint } = await startRuntime({
    runtimes: [{ name: 'removing', sessionStorage: '/mnt/notes', command: [process.execPath, '-e', script] }],
  });
  const refused = nextStop(runtime);
  expect((await endpoint.call('describe', {}, 'unknown')).status).toBe(404);
  expect(await refused).toMatchObject({ sessionId: 'unknown', reason: 'refused' });
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

describe('session storage', () => {
  const DAY = 24 * 3_600_000;
  const clock = new ManualClock();
  let storage: SessionStorage;
  beforeEach(() => {
    storage = new SessionStorage(clock);
  });
  afterEach(() => {
    storage.close();
  });

  const environmentOf = (id: string, features: object = {}, version = '1'): Readonly<Record<string, string>> =>
    storage.environmentOf(
      {
        version,
        definition: { features: { ...PLAIN, sessionStorage: '/mnt/notes', ...features } },
      } as unknown as RuntimeVersion,
      id,
    ) ?? {};
  const directoryOf = (id: string, version = '1'): string =>
    environmentOf(id, {}, version).STATEFUL_MCP_SESSION_STORAGE ?? '';
  const write = (id: string): void => {
    fs.writeFileSync(path.join(directoryOf(id), 'notes'), 'one');
  };
  const filesOf = (id: string, version = '1'): string[] => fs.readdirSync(directoryOf(id, version));

  test('is told to a server that has it, beside its buckets', () => {
    const bucketMounts = [{ bucket: 'files', mountPath: '/mnt/all', prefix: 'all/' }];
    const both = environmentOf('one', { bucketMounts });
    const directory = directoryOf('one');
    const bucket = expect.stringMatching(/bucket-\w{20}$/) as string;
    expect(JSON.parse(both.STATEFUL_MCP_MOUNTS ?? '')).toEqual({ '/mnt/notes': directory, '/mnt/all': bucket });
    expect(both.STATEFUL_MCP_SESSION_STORAGE).toBe(directory);
    const alone = environmentOf('one', { sessionStorage: undefined, bucketMounts });
    expect(Object.keys(alone)).toEqual(['STATEFUL_MCP_MOUNTS']);
    expect(JSON.parse(alone.STATEFUL_MCP_MOUNTS ?? '')).toEqual({ '/mnt/all': bucket });
    expect(environmentOf('one', { sessionStorage: undefined })).toEqual({});
  });

  test('is kept for 14 days after each use', () => {
    write('one');
    for (let use = 0; use < 2; use++) {
      clock.advance(14 * DAY);
      expect([filesOf('one'), filesOf('other')]).toEqual([['notes'], []]);
    }
    clock.advance(14 * DAY + 1);
    expect(filesOf('one')).toEqual([]);
    write('one');
    expect(filesOf('one')).toEqual(['notes']);
  });

  test('is emptied once by another version', () => {
    write('one');
    const directory = directoryOf('one');
    expect([filesOf('one', '2'), directoryOf('one', '2')]).toEqual([[], directory]);
    fs.writeFileSync(path.join(directory, 'notes'), 'two');
    expect([filesOf('one', '2'), filesOf('one', '1')]).toEqual([['notes'], []]);
  });

  test('is that of each id of its session, and of no other session', () => {
    const directory = directoryOf('first');
    const other = directoryOf('other');
    storage.keep('issued', 'first');
    // Another session had the id before.
    storage.keep('other', 'first');
    storage.keep('unknown', 'never started');
    expect([directoryOf('issued'), directoryOf('other')]).toEqual([directory, other]);
    expect([directory, other]).not.toContain(directoryOf('unknown'));
  });

  test('goes with a session that was refused, by each of its ids, unless there is something in it', () => {
    const [first, other] = [directoryOf('first'), directoryOf('other')];
    storage.keep('issued', 'first');
    storage.forget('never started');
    storage.forget('issued');
    expect([existsSync(first), existsSync(other)]).toEqual([false, true]);
    expect([directoryOf('first'), directoryOf('issued')]).not.toContain(first);
    expect(directoryOf('other')).toBe(other);
    write('other');
    storage.forget('other');
    expect(filesOf('other')).toEqual(['notes']);
  });

  test('that its server has removed is there again for the next one', () => {
    const directory = directoryOf('one');
    for (const version of ['1', '2']) {
      fs.rmSync(directory, { recursive: true });
      expect([directoryOf('one', version), filesOf('one', version)]).toEqual([directory, []]);
    }
    fs.rmSync(directory, { recursive: true });
    storage.forget('one');
    expect(directoryOf('one')).not.toBe(directory);
    expect(filesOf('one')).toEqual([]);
  });

  test('can be closed before anybody has used it, and again', () => {
    const unused = new SessionStorage(clock);
    directoryOf('one');
    for (const closed of [unused, storage, storage]) {
      expect(() => {
        closed.close();
      }).not.toThrow();
    }
  });
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

  test('has what a session has left there, whose id its client has made up', async () => {
    const Server = imageRuntimeResource() as { Properties: object };
    const [mount] = bucketMounts.map(({ bucket, mountPath, prefix }) => ({
      S3BucketMount: { Bucket: bucket, MountPath: mountPath, Prefix: prefix },
    }));
    Object.assign(Server.Properties, { FilesystemConfigurations: [mount] });
    const started = await startRuntime({
      assembly: writeAssembly({ Stack: { template: { Resources: { Server } } } }),
      runtimes: [{ name: 'my_mcp', command: serverWith(`JSON.parse(process.env.STATEFUL_MCP_MOUNTS)['/mnt/own']`) }],
    });
    expect((await note(started, 'one', 'chosen')).notes).toBe('one ');
    await started.runtime.faults.expireSession('chosen');
    expect((await note(started, 'two', 'chosen')).notes).toBe('one two ');
  });

  test('each prefix has a directory, which outlives a session and a version', () => {
    const storage = new SessionStorage(new ManualClock());
    const [one, two] = [mountsOf(storage, 'one'), mountsOf(storage, 'two')];
    expect(one['/mnt/own']).not.toBe(two['/mnt/own']);
    expect(one['/mnt/all']).toBe(two['/mnt/all']);
    expect(one['/mnt/all']).not.toBe(one['/mnt/own']);
    expect(mountsOf(storage, 'one')).toEqual(one);
    storage.keep('issued', 'one');
    expect(mountsOf(storage, 'issued')).toEqual(one);
    // The session comes back, with another first id.
    storage.keep('issued', 'two');
    expect(mountsOf(storage, 'issued')).toEqual(one);
    // An id of a client starts a session, which gets one of the platform besides.
    const chosen = mountsOf(storage, 'chosen');
    storage.keep('chosen', 'of the platform');
    expect(mountsOf(storage, 'chosen')).toEqual(chosen);
    storage.close();
    expect(Object.values({ ...one, ...two }).filter(directory => existsSync(directory))).toEqual([]);
  });
});
