import { ControlPlane } from '../../../../lambda/release-check/aws/control-plane';
import { fingerprintOf, type Fingerprint } from '../../../../lambda/release-check/version/fingerprint';
import { Deployment, QUICK } from '../deployment';

// What makes a version another one.

const deployment = new Deployment();
beforeAll(() => deployment.start({ auth: 'off' }));
afterAll(() => deployment.close());

const SERVER = { serverProtocol: 'MCP' as const };

async function fingerprint(version: string): Promise<Fingerprint> {
  await deployment.settled();
  const control = new ControlPlane(
    deployment.runtimeArn.replace(/^.*\//, ''),
    { retries: QUICK.retries, denialPausesMs: [] },
    new AbortController().signal,
  );
  try {
    const described = await control.version(version);
    expect(described?.status).toBe('READY');
    return fingerprintOf(described as NonNullable<typeof described>);
  } finally {
    control.close();
  }
}

test('versions of the same making have the same fingerprint, and any other setting makes another one', async () => {
  await deployment.publish({ A: '1' });
  await deployment.publish({ A: '1' }, { description: 'says nothing of how it works' });
  await deployment.publish({ A: '2' });
  await deployment.publish({ A: '1' }, { lifecycleConfiguration: { idleRuntimeSessionTimeout: 120 } });
  // Newer than the SDK, which drops it when it reads the answer.
  await deployment.publishRaw({ A: '1' }, { protocolConfiguration: { ...SERVER, path: '/other' } });
  const [first, ...others] = await Promise.all(['1', '2', '3', '4', '5'].map(fingerprint));
  expect(first?.hash).toMatch(/^[a-f0-9]{64}$/);
  expect(others.map(({ hash }) => hash === first?.hash)).toEqual([true, false, false, false]);
});

const DIGEST = `sha256:${'a'.repeat(64)}`;
const OF_THE_CDK = `assets/${'a'.repeat(64)}.zip`;

test.each([
  ['an image by its digest', DIGEST, true, { containerConfiguration: { containerUri: `h:1/r/i@${DIGEST}` } }],
  ['an image by its tag', 'r/i:latest', false, { containerConfiguration: { containerUri: 'r/i:latest' } }],
  ['an object by its version', 'a.zip', true, { codeConfiguration: s3({ prefix: 'a.zip', versionId: '1' }) }],
  ['an object by its content', OF_THE_CDK, true, { codeConfiguration: s3({ prefix: OF_THE_CDK }) }],
  ['an object by its key', 'a.zip', false, { codeConfiguration: s3({ prefix: 'a.zip' }) }],
  ['code that is nowhere', '', false, { codeConfiguration: {} }],
  ['an artifact of a kind that is not known', '', false, { other: {} }],
  ['no artifact', '', false, undefined],
])('%s is named %s, and pinned: %s', (_what, artifact, isPinned, agentRuntimeArtifact) => {
  const described = { version: '1', status: 'READY', document: { agentRuntimeArtifact } };
  expect(fingerprintOf(described)).toMatchObject({ artifact, isPinned });
});

function s3(object: object): object {
  return { code: { s3: object } };
}
