import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ecrCredentials, isEcr } from '../../../../lambda/image-assembler/registry/ecr';
import { isPrivateEcrReference } from '../../../../lib/private/image/image-reference';
import { TransientFailure } from '../../../../lambda/common/retry';

// The API of Amazon ECR, called by the AWS SDK.

const REGISTRY = '123456789012.dkr.ecr.eu-central-1.amazonaws.com';
const HOUR_MS = 3_600_000;
const { signal } = new AbortController();

let issued = 0;
let lifetimeMs = 12 * HOUR_MS;
let failure: { status: number; type: string } | undefined;
let silent = false;
const regions: (string | undefined)[] = [];
const server = createServer((request, response) => {
  regions.push(/Credential=[^/]+\/\d+\/([a-z0-9-]+)\/ecr\//.exec(request.headers.authorization ?? '')?.[1]);
  if (silent) {
    return;
  }
  if (failure !== undefined) {
    response
      .writeHead(failure.status, { 'content-type': 'application/x-amz-json-1.1' })
      .end(JSON.stringify({ __type: failure.type, message: 'no' }));
    return;
  }
  issued++;
  const authorizationToken = Buffer.from(`AWS:token-${issued}`).toString('base64');
  const data = {
    authorizationToken,
    ...(Number.isNaN(lifetimeMs) ? {} : { expiresAt: (Date.now() + lifetimeMs) / 1000 }),
    proxyEndpoint: `https://${REGISTRY}`,
  };
  response.setHeader('content-type', 'application/x-amz-json-1.1').end(JSON.stringify({ authorizationData: [data] }));
});
const VARIABLES = {
  AWS_ENDPOINT_URL_ECR: '',
  AWS_ACCESS_KEY_ID: 'test',
  AWS_SECRET_ACCESS_KEY: 'test',
  AWS_MAX_ATTEMPTS: '1',
};

beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  Object.assign(process.env, VARIABLES, {
    AWS_ENDPOINT_URL_ECR: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
  });
});

beforeEach(() => {
  issued = 0;
  lifetimeMs = 12 * HOUR_MS;
  failure = undefined;
  silent = false;
  regions.length = 0;
});

afterAll(async () => {
  Object.keys(VARIABLES).forEach(name => delete process.env[name]);
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
});

test('a token is the password of AWS, and is used until it is refused', async () => {
  const credentials = ecrCredentials(REGISTRY);
  expect(await credentials?.({ renew: false, signal })).toEqual({ username: 'AWS', password: 'token-1' });
  expect(await credentials?.({ renew: false, signal })).toEqual({ username: 'AWS', password: 'token-1' });
  expect(await credentials?.({ renew: true, signal })).toEqual({ username: 'AWS', password: 'token-2' });
  expect(regions).toEqual(['eu-central-1', 'eu-central-1']);
});

test('a token that is about to expire is renewed', async () => {
  lifetimeMs = 60_000;
  const credentials = ecrCredentials(REGISTRY);
  await credentials?.({ renew: false, signal });
  expect(await credentials?.({ renew: false, signal })).toEqual({ username: 'AWS', password: 'token-2' });
});

test('a token without an end is used once', async () => {
  lifetimeMs = Number.NaN;
  const credentials = ecrCredentials(REGISTRY);
  await credentials?.({ renew: false, signal });
  expect(await credentials?.({ renew: false, signal })).toEqual({ username: 'AWS', password: 'token-2' });
});

test('a registry in another Region or in China has its own', async () => {
  await ecrCredentials('123456789012.dkr.ecr.us-east-1.amazonaws.com')?.({ renew: false, signal });
  await ecrCredentials('123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn')?.({ renew: false, signal });
  expect(regions).toEqual(['us-east-1', 'cn-north-1']);
});

test.each([
  ['upper case', '123456789012.DKR.ECR.eu-central-1.amazonaws.com', 'eu-central-1'],
  ['with its port', '123456789012.dkr.ecr.eu-central-1.amazonaws.com:443', 'eu-central-1'],
  ['dual-stack', '123456789012.dkr-ecr.eu-central-1.on.aws', 'eu-central-1'],
  ['FIPS', '123456789012.dkr.ecr-fips.us-east-1.amazonaws.com', 'us-east-1'],
  ['FIPS, dual-stack', '123456789012.dkr-ecr-fips.us-gov-west-1.on.aws', 'us-gov-west-1'],
  ['the European Sovereign Cloud', '123456789012.dkr.ecr.eusc-de-east-1.amazonaws.eu', 'eusc-de-east-1'],
  ['the same, dual-stack', '123456789012.dkr-ecr.eusc-de-east-1.on.amazonwebservices.eu', 'eusc-de-east-1'],
  ['China, dual-stack', '123456789012.dkr-ecr.cn-north-1.on.amazonwebservices.com.cn', 'cn-north-1'],
  ['ISO', '123456789012.dkr.ecr.us-iso-east-1.c2s.ic.gov', 'us-iso-east-1'],
  ['ISO B', '123456789012.dkr.ecr.us-isob-east-1.sc2s.sgov.gov', 'us-isob-east-1'],
  ['ISO E', '123456789012.dkr.ecr.eu-isoe-west-1.cloud.adc-e.uk', 'eu-isoe-west-1'],
  ['ISO F', '123456789012.dkr.ecr.us-isof-south-1.csp.hci.ic.gov', 'us-isof-south-1'],
])('%s: %s', async (_kind, registry, region) => {
  await ecrCredentials(registry)?.({ renew: false, signal });
  expect(regions).toEqual([region]);
  expect(isEcr(registry)).toBe(true);
  expect(isPrivateEcrReference(`${registry}/expenses:1`)).toBe(true);
});

test.each([
  'dkr-ecr.eu-central-1.on.aws',
  '12345.dkr.ecr.eu-central-1.amazonaws.com',
  '123456789012.dkr-ecr.eu-central-1.on.aws.evil.test',
  '123456789012.dkr.ecr.eu-central-1.amazonaws.test',
  'public.ecr.aws',
  'registry-1.docker.io',
  'evil.test',
  '123456789012.dkr.ecr.eu-central-1.amazonaws.com.evil.test',
])('%s gets no credentials', registry => {
  expect(isEcr(registry)).toBe(false);
  expect(ecrCredentials(registry)).toBeUndefined();
});

test('a role without the permission is told which one', async () => {
  failure = { status: 400, type: 'AccessDeniedException' };
  await expect(ecrCredentials(REGISTRY)?.({ renew: false, signal })).rejects.toMatchObject({
    code: 'ERR_REPOSITORY_DENIED',
    message: expect.stringContaining('`ecr:GetAuthorizationToken`') as string,
    cause: expect.objectContaining({ name: 'AccessDeniedException' }) as Error,
  });
});

test.each([
  [400, 'ThrottlingException'],
  [500, 'ServerException'],
])('status %s %s may pass', async (status, type) => {
  failure = { status, type };
  await expect(ecrCredentials(REGISTRY)?.({ renew: false, signal })).rejects.toBeInstanceOf(TransientFailure);
});

test('an API that is silent, as in a VPC without a way to it, is given up when the time is up', async () => {
  silent = true;
  const deadline = new AbortController();
  const credentials = ecrCredentials(REGISTRY)?.({ renew: false, signal: deadline.signal });
  setTimeout(() => deadline.abort(new Error('out of time')), 50);
  await expect(credentials).rejects.toThrow();
});
