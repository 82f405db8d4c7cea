import { zipped } from '../containers/application';
import { pushRandomImage } from '../containers/base-image';
import { startBucket } from '../registries/bucket';
import { createCertificates } from '../registries/certificates';
import { endAll } from './disposal';
import { ECR_REGISTRY, startEcrDouble } from '../registries/ecr-double';
import { ImageAssembler, PROGRAM } from './image-assembler';
import { Podman } from '../containers/podman';
import { startRegistry } from '../registries/registry';

const MIB = 1024 * 1024;

afterAll(endAll);

test('the memory that an assembly takes does not grow with the base image, nor with the application', async () => {
  const certificates = await createCertificates();
  const registry = await startRegistry({ certificates, tls: true });
  const store = await startRegistry({ relativeLocations: true });
  const ecr = await startEcrDouble(certificates, store.url, ['small', 'large']);
  const bucket = await startBucket();
  const assembler = await new ImageAssembler({ certificates, bucketEndpoint: bucket.endpoint, ecr }).start();
  const peakFor = async (name: string, layers: readonly number[], applicationBytes: number) => {
    await pushRandomImage(new Podman(), `${registry.host}/${name}:1`, layers);
    const application = await bucket.put(
      await zipped({ 'index.js': '1', 'data.bin': Buffer.alloc(applicationBytes, name) }),
    );
    const properties = {
      ...PROGRAM,
      repositoryUri: `${ECR_REGISTRY}/${name}`,
      baseImage: `${registry.host}/${name}:1`,
      application,
    };
    const { status, peakMemoryBytes } = await assembler.assemble(properties);
    expect(status).toBe('SUCCESS');
    return peakMemoryBytes;
  };
  const small = await peakFor('small', [1000], 1000);
  const large = await peakFor('large', [200 * MIB, 200 * MIB, 200 * MIB], 100 * MIB);
  expect(large).toBeLessThan(200 * MIB);
  expect(large - small).toBeLessThan(100 * MIB);
});
