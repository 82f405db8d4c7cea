import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { AssemblyLog } from '../../../../lambda/image-assembler/common/assembly-log';
import type { AssemblyEnvironment } from '../../../../lambda/image-assembler/assembly/assembly-environment';
import { environmentFor } from '../../../../lambda/image-assembler/assembly/environment';
import { HttpTransport } from '../../../../lambda/common/http-transport';
import { encryptedServer } from '../../encrypted-server';
import { requestWith } from '../requests';

const OWN = '123456789012.dkr.ecr.eu-central-1.amazonaws.com';
const OTHER_REGION = '123456789012.dkr.ecr.us-east-1.amazonaws.com';
const ELSEWHERE = 'registry.test';
const VARIABLES = { AWS_ENDPOINT_URL_ECR: '', AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' };

const { signal } = new AbortController();
const servers: (Server | https.Server)[] = [];
/** What the registries demand of a request without a token. */
let demand: (host: string) => string;
/** The authorizations that came, with the host that they came to. */
const authorizations: string[] = [];
/** The scopes that tokens were asked for. */
const scopes: string[][] = [];
let transport: HttpTransport;

/** Every registry: one that has nothing, for whoever has a token. */
const registries = encryptedServer(({ url = '', headers: { host = '', authorization } }, response) => {
  const { pathname, searchParams } = new URL(url, `https://${host}`);
  if (pathname === '/token') {
    scopes.push(searchParams.getAll('scope'));
    response.end('{"token":"1"}');
  } else if (authorization === undefined) {
    response.writeHead(401, { 'www-authenticate': demand(host) }).end();
  } else {
    authorizations.push(`${host}: ${authorization}`);
    response.writeHead(404).end();
  }
});

/** The API of Amazon ECR, whose tokens tell the Region that they are for. */
const ecr = createServer(({ headers }, response) => {
  const region = /Credential=[^/]+\/\d+\/([a-z0-9-]+)\/ecr\//.exec(headers.authorization ?? '')?.[1];
  const authorizationToken = Buffer.from(`AWS:${region}`).toString('base64');
  response.setHeader('content-type', 'application/x-amz-json-1.1');
  response.end(JSON.stringify({ authorizationData: [{ authorizationToken }] }));
});

async function listen(server: Server | https.Server): Promise<number> {
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

beforeAll(async () => {
  registries.trust();
  const here = { host: '127.0.0.1', port: await listen(registries.server), checkServerIdentity: () => undefined };
  const connect = Reflect.get<https.Agent, 'createConnection'>(https.Agent.prototype, 'createConnection');
  jest.spyOn(https.Agent.prototype, 'createConnection').mockImplementation(function (this: https.Agent, options, done) {
    return connect.call(this, { ...options, ...here }, done);
  });
  Object.assign(process.env, VARIABLES, { AWS_ENDPOINT_URL_ECR: `http://127.0.0.1:${await listen(ecr)}` });
});

beforeEach(() => {
  authorizations.length = scopes.length = 0;
  transport = new HttpTransport();
});

afterEach(() => transport.close());

afterAll(() => {
  jest.restoreAllMocks();
  Object.keys(VARIABLES).forEach(name => delete process.env[name]);
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
});

function environmentOf(base = ELSEWHERE, target = OWN): AssemblyEnvironment {
  const request = requestWith({ baseImage: `${base}/library/base:1`, repositoryUri: `${target}/expenses` });
  return environmentFor(request, transport, new AssemblyLog());
}

function basic(password: string): string {
  return `Basic ${Buffer.from(`AWS:${password}`).toString('base64')}`;
}

test('what a function that is up has learned is there for its next assembly', () => {
  environmentOf().memory.addLayers('registry.test/own', [{ mediaType: 'layer', digest: 'sha256:1', size: 1 }]);
  expect(environmentOf().memory.hasLayer('registry.test/own', 'sha256:1')).toBe(true);
});

test('a token may do no more than its repository is used for', async () => {
  demand = host => `Bearer realm="https://${host}/token"`;
  const { base, target } = environmentOf();
  await base.findManifest('1', signal);
  await target.findManifest('1', signal);
  expect(scopes).toEqual([['repository:library/base:pull'], ['repository:expenses:pull,push']]);
});

test('registries of Amazon ECR get the credentials of the function, each those for its Region', async () => {
  demand = () => 'Basic';
  const { base, target } = environmentOf(OTHER_REGION);
  await base.findManifest('1', signal);
  await target.findManifest('1', signal);
  expect(authorizations).toEqual([`${OTHER_REGION}: ${basic('us-east-1')}`, `${OWN}: ${basic('eu-central-1')}`]);
});

test('other registries get none', async () => {
  demand = () => 'Basic';
  const { base, target } = environmentOf(ELSEWHERE, ELSEWHERE);
  await expect(base.findManifest('1', signal)).rejects.toMatchObject({
    code: 'ERR_BASE_DENIED',
    message: expect.stringContaining(`the base image ${ELSEWHERE}/library/base:1 `) as string,
  });
  await expect(target.findManifest('1', signal)).rejects.toMatchObject({
    code: 'ERR_REPOSITORY_DENIED',
    message: expect.stringContaining(`the repository ${ELSEWHERE}/expenses `) as string,
  });
  expect(authorizations).toEqual([]);
});
