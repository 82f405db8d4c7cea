import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, request as forward, type Server } from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import type * as timers from 'node:timers/promises';
import type { ApplicationArchive, ImageAssemblyProperties } from '../../../lib/private/image/image-assembly-contract';
import { handler } from '../../../lambda/image-assembler';
import { OCI } from '../../../lambda/image-assembler/common/media-types';
import { endAll, onEnd } from '../../image/assembly/disposal';
import { startBucket } from '../../image/registries/bucket';
import { encryptedServer } from '../encrypted-server';
import { zipOf } from './archives';
import { startFaultyRegistry, type Fault, type FaultyRegistry } from './faulty-registry';
import { PROPERTIES } from './requests';

// The handler with the clients that it makes for itself: of a registry by HTTPS, and of Amazon S3.

jest.mock('node:timers/promises', () => ({
  ...jest.requireActual<typeof timers>('node:timers/promises'),
  // The half minute that permissions get goes by at once.
  setTimeout: jest.fn(() => Promise.resolve()),
}));

const told: Record<string, unknown>[] = [];
const urls: string[] = [];
let application: ApplicationArchive;
let registry: FaultyRegistry;
/** The registry, as it is reached by HTTPS. */
let host: string;
let ResponseURL: string;

beforeAll(async () => {
  const bucket = await startBucket();
  Object.assign(process.env, {
    AWS_ENDPOINT_URL_S3: bucket.endpoint,
    AWS_REGION: 'eu-central-1',
    AWS_ACCESS_KEY_ID: 'S3RVER',
    AWS_SECRET_ACCESS_KEY: 'S3RVER',
  });
  application = await bucket.put({ archive: await zipOf({ 'index.js': '1' }), contentHash: 'abcdef0123456789' });
  const encrypted = encryptedServer((incoming, outgoing) => {
    const { method, url = '', headers } = incoming;
    urls.push(`${method} ${url}`);
    const forwarded = forward(new URL(url, registry.url), { method, headers }, answer => {
      outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(outgoing);
    });
    forwarded.on('error', () => outgoing.destroy());
    incoming.pipe(forwarded);
  });
  encrypted.trust();
  host = `127.0.0.1:${await listen(encrypted.server)}`;
  const stack = createServer(
    (incoming, outgoing) =>
      void json(incoming).then(body => {
        told.push(body as Record<string, unknown>);
        outgoing.end();
      }),
  );
  ResponseURL = `http://127.0.0.1:${await listen(stack)}/`;
});

afterAll(async () => {
  jest.restoreAllMocks();
  await endAll();
});

async function listen(
  server: Pick<Server, 'listen' | 'address' | 'close' | 'closeAllConnections'> & NodeJS.EventEmitter,
) {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onEnd(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

beforeEach(async () => {
  told.length = urls.length = 0;
  registry = await startFaultyRegistry();
  const config = registry.addBlob(
    JSON.stringify({ os: 'linux', architecture: 'arm64', rootfs: { type: 'layers', diff_ids: ['1'] } }),
    OCI.config,
  );
  const layers = [registry.addBlob(randomBytes(100), OCI.gzippedLayer)];
  const manifest = { schemaVersion: 2, mediaType: OCI.manifest, config, layers };
  registry.manifests.set('1', { mediaType: OCI.manifest, content: Buffer.from(JSON.stringify(manifest)) });
  for (const method of ['log', 'warn', 'error'] as const) {
    jest.spyOn(console, method).mockImplementation();
  }
});

afterEach(() => registry.close());

/** What CloudFormation is told of an image. */
async function handle(
  change: Partial<ImageAssemblyProperties> = {},
  milliseconds = 900_000,
): Promise<Record<string, unknown> | undefined> {
  await handler(
    {
      RequestType: 'Create',
      ResponseURL,
      StackId: 'stack',
      RequestId: 'request',
      LogicalResourceId: 'Image',
      ResourceProperties: {
        ...PROPERTIES,
        repositoryUri: `${host}/expenses`,
        baseImage: `${host}/library/base:1`,
        application,
        ...change,
      },
    },
    { getRemainingTimeInMillis: () => milliseconds },
  );
  return told.at(-1);
}

test('an image is assembled from the registry and the bucket that the properties name', async () => {
  const outcome = await handle();
  const { imageTag, imageDigest } = outcome?.Data as { imageTag: string; imageDigest: string };
  expect(outcome).toMatchObject({
    Status: 'SUCCESS',
    PhysicalResourceId: 'Image',
    Data: { imageUri: `${host}/expenses@${imageDigest}` },
  });
  expect(registry.manifests.has(imageTag)).toBe(true);
  expect(registry.manifests.has(imageDigest)).toBe(true);
});

test('layers of another repository of the same registry are mounted from there', async () => {
  registry.fail(/^HEAD expenses\/blobs/, { status: 404 });
  expect(await handle()).toMatchObject({ Status: 'SUCCESS' });
  expect(urls.filter(url => url.includes('mount='))).toEqual([
    expect.stringMatching(/^POST .*mount=sha256.*&from=library%2Fbase$/),
  ]);
});

test('a repository gets time for a permission to take effect, as often as half a minute has pauses', async () => {
  registry.fail(/expenses\/manifests/, ...Array<Fault>(4).fill({ status: 403 }));
  expect(await handle()).toMatchObject({ Status: 'SUCCESS' });
  registry.fail(/expenses\/manifests/, ...Array<Fault>(5).fill({ status: 403 }));
  expect(await handle({ port: '8001' })).toMatchObject({
    Status: 'FAILED',
    Reason: expect.stringMatching(/^ERR_REPOSITORY_DENIED: /) as string,
  });
});

test('an application gets time for a permission to take effect', async () => {
  const secret = process.env.AWS_ACCESS_KEY_ID;
  process.env.AWS_ACCESS_KEY_ID = 'other';
  jest.mocked(console.warn).mockImplementation(() => {
    process.env.AWS_ACCESS_KEY_ID = secret;
  });
  expect(await handle()).toMatchObject({ Status: 'SUCCESS' });
  expect(console.warn).toHaveBeenCalledWith(expect.stringMatching(/^ERR_APPLICATION_DENIED: /));
});

test('a base image of a registry that knows no permissions is denied at once', async () => {
  registry.fail(/library\/base\/manifests/, ...Array<Fault>(5).fill({ status: 403 }));
  expect(await handle()).toMatchObject({
    Status: 'FAILED',
    Reason: expect.stringMatching(/^ERR_BASE_DENIED: /) as string,
  });
  expect(urls.filter(url => url.includes('library/base/manifests'))).toHaveLength(1);
});

test('a base image of Amazon ECR gets time for a permission to take effect', async () => {
  const ecr = '123456789012.dkr.ecr.eu-central-1.amazonaws.com';
  const connect = Reflect.get<https.Agent, 'createConnection'>(https.Agent.prototype, 'createConnection');
  const here = { host: '127.0.0.1', port: Number(host.split(':')[1]), checkServerIdentity: () => undefined };
  const connection = jest.spyOn(https.Agent.prototype, 'createConnection').mockImplementation(function (
    this: https.Agent,
    options,
    listener,
  ) {
    return connect.call(this, options.host === ecr ? { ...options, ...here } : options, listener);
  });
  registry.fail(/library\/base\/manifests/, ...Array<Fault>(4).fill({ status: 403 }));
  expect(await handle({ baseImage: `${ecr}/library/base:1` })).toMatchObject({ Status: 'SUCCESS' });
  connection.mockRestore();
});

test('when the time is up, CloudFormation is told what was being done', async () => {
  registry.intercept = () => ({ silent: true });
  expect(await handle({}, 30_001)).toMatchObject({
    Status: 'FAILED',
    Reason: expect.stringMatching(
      /^ERR_OUT_OF_TIME: the time limit of the function came while looking for code-abcdef012345-on-base-1-/,
    ) as string,
  });
});
