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

test.each([
  ['an image by its digest', true, { containerConfiguration: { containerUri: `r/i@sha256:${'a'.repeat(64)}` } }],
  ['an image by its tag', false, { containerConfiguration: { containerUri: 'r/i:latest' } }],
  ['an object by its version', true, { codeConfiguration: { code: { s3: { prefix: 'a.zip', versionId: '1' } } } }],
  ['an object by its content', true, { codeConfiguration: { code: { s3: { prefix: `${'a'.repeat(64)}.zip` } } } }],
  ['an object by its key', false, { codeConfiguration: { code: { s3: { prefix: 'a.zip' } } } }],
  ['an artifact of a kind that is not known', false, { other: {} }],
])('%s is pinned: %s', (_what, isPinned, agentRuntimeArtifact) => {
  const described = { version: '1', status: 'READY', document: { agentRuntimeArtifact } };
  expect(fingerprintOf(described).isPinned).toBe(isPinned);
});
