import { buffer, json } from 'node:stream/consumers';
import { digestOf } from '../../../../lambda/image-assembler/common/digest';
import {
  applicationBlob,
  createConfiguration,
  createManifest,
  refuseBeyondLimits,
} from '../../../../lambda/image-assembler/image/image';
import { DOCKER, OCI } from '../../../../lambda/image-assembler/common/media-types';
import { inputsDigest } from '../../../../lambda/image-assembler/image/tag';
import { requestWith } from '../requests';
import type { BaseImage } from '../../../../lambda/image-assembler/image/platform-image';

const LAYER = {
  digest: digestOf('layer'),
  size: 5,
  diffId: digestOf('uncompressed layer'),
  open: () => {
    throw new Error('not read');
  },
};

const { signal } = new AbortController();

function baseWith(change: Partial<BaseImage> = {}): BaseImage {
  return {
    digest: digestOf('base'),
    mediaTypes: OCI,
    layers: [{ mediaType: OCI.gzippedLayer, digest: digestOf('base layer'), size: 100 }],
    config: {
      os: 'linux',
      architecture: 'arm64',
      config: {
        Env: ['PATH=/bin', 'LEVEL=base=1'],
        Cmd: ['node'],
        Entrypoint: ['docker-entrypoint.sh'],
        Labels: { made: 'by base' },
        StopSignal: 'SIGINT',
      },
      rootfs: { type: 'layers', diff_ids: ['sha256:1'] },
      history: [{ created: '2026-01-01T00:00:00Z', created_by: 'base' }],
    },
    ...change,
  };
}

interface Config {
  readonly config: Record<string, unknown>;
  readonly rootfs: { readonly diff_ids: string[] };
  readonly history: object[];
}

async function configOf(request = requestWith(), base = baseWith()): Promise<Config & Record<string, unknown>> {
  return (await json(createConfiguration(request, base, LAYER.diffId).open(signal))) as Config &
    Record<string, unknown>;
}

function imageOn(base: BaseImage) {
  const [configuration, application] = [
    createConfiguration(requestWith(), base, LAYER.diffId),
    applicationBlob(requestWith(), base, LAYER),
  ];
  return { manifest: createManifest(base, configuration, application), configuration, application };
}

test('the manifest has the layers of the base and then the application, and names what it holds by digest', async () => {
  const { manifest, configuration, application } = imageOn(baseWith());
  const content = await buffer(configuration.open(signal));
  expect(manifest.digest).toBe(digestOf(manifest.content));
  expect(configuration.descriptor).toEqual({ mediaType: OCI.config, digest: digestOf(content), size: content.length });
  expect(application.descriptor).toEqual({ mediaType: OCI.gzippedLayer, digest: LAYER.digest, size: LAYER.size });
  expect(JSON.parse(manifest.content.toString())).toEqual({
    schemaVersion: 2,
    mediaType: OCI.manifest,
    config: configuration.descriptor,
    layers: [...baseWith().layers, application.descriptor],
  });
});

test('an image stays in the family of formats of its base', () => {
  const { manifest, configuration, application } = imageOn(baseWith({ mediaTypes: DOCKER }));
  const types = [manifest, configuration.descriptor, application.descriptor].map(({ mediaType }) => mediaType);
  expect(types).toEqual([DOCKER.manifest, DOCKER.config, DOCKER.gzippedLayer]);
});

test('the program, its user, folder and port are those asked for; the command of the base is gone', async () => {
  expect((await configOf()).config).toMatchObject({
    Entrypoint: ['node', 'index.js'],
    Cmd: null,
    User: '1000',
    WorkingDir: '/app',
    ExposedPorts: { '8000/tcp': {} },
    StopSignal: 'SIGINT',
  });
});

test('variables and labels are added to those of the base, and win', async () => {
  const { config } = await configOf(
    requestWith({
      environment: { LEVEL: 'app', B: '2', C: '3', A: 'x=y' },
      labels: { team: 'finance', made: 'by us' },
    }),
  );
  expect(config.Env).toEqual(['PATH=/bin', 'LEVEL=app', 'A=x=y', 'B=2', 'C=3']);
  expect(config.Labels).toMatchObject({ team: 'finance', made: 'by us' });
});

test.each<[string, Record<string, unknown> | undefined, null | undefined]>([
  ['no configuration of a program', undefined, undefined],
  ['null for its history', {}, null],
  ['neither variables nor labels', {}, undefined],
  ['null for both', { Env: null, Labels: null }, undefined],
])('a base with %s can be built on', async (_case, inherited, history) => {
  const { os, architecture, rootfs } = baseWith().config;
  const given = inherited === undefined ? {} : { config: inherited };
  const made = await configOf(
    requestWith({ environment: { A: '1' } }),
    baseWith({ config: { os, architecture, rootfs, history, ...given } }),
  );
  const { config } = made;
  expect(config).toMatchObject({ Env: ['A=1'], Entrypoint: ['node', 'index.js'] });
  expect(Object.keys(config.Labels as object)).toHaveLength(3);
  expect(made.history).toHaveLength(1);
});

test('a variable of the base without a value stays without one', async () => {
  const base = baseWith();
  const { config } = await configOf(
    requestWith({ environment: { B: '1' } }),
    baseWith({ config: { ...base.config, config: { Env: ['A', 'B', 'C='] } } }),
  );
  expect(config.Env).toEqual(['A=', 'B=1', 'C=']);
});

test('labels tell the base image, its digest and the inputs, whatever the labels asked for', async () => {
  const request = requestWith({ labels: { 'org.opencontainers.image.base.digest': 'mine' } });
  expect((await configOf(request)).config.Labels).toMatchObject({
    'org.opencontainers.image.base.name': 'public.ecr.aws/docker/library/node:24-slim',
    'org.opencontainers.image.base.digest': digestOf('base'),
    'io.github.cdkstatefulmcp.assembly-inputs': inputsDigest(request),
  });
});

test('the configuration tells of one layer more than that of the base', async () => {
  const { rootfs, history } = await configOf();
  expect(rootfs.diff_ids).toEqual(['sha256:1', LAYER.diffId]);
  expect(history).toEqual([
    { created: '2026-01-01T00:00:00Z', created_by: 'base' },
    { created: '1970-01-01T00:00:00Z', created_by: 'cdk-stateful-mcp: /app of abcdef0123456789' },
  ]);
});

test('what Docker noted of the building of the base does not pass for ours', async () => {
  const noted = {
    ...baseWith().config,
    created: '2026-01-01T00:00:00Z',
    container: 'c',
    container_config: {},
    docker_version: '20',
    author: 'a',
    id: 'i',
    parent: 'p',
  };
  const config = await configOf(requestWith(), baseWith({ config: { ...noted, config: { OnBuild: ['RUN x'] } } }));
  expect(Object.keys(config).sort()).toEqual(['architecture', 'config', 'created', 'history', 'os', 'rootfs']);
  expect(config.created).toBe('1970-01-01T00:00:00Z');
  expect(config.config).not.toHaveProperty('OnBuild');
});

test.each([
  [51, true],
  [52, false],
])('%s layers of the base: %s', (count, fits) => {
  const layers = Array.from({ length: count }, (_, index) => ({
    mediaType: OCI.gzippedLayer,
    digest: digestOf(String(index)),
    size: 1,
  }));
  const create = () => refuseBeyondLimits(requestWith(), baseWith({ layers }));
  if (fits) {
    expect(create).not.toThrow();
  } else {
    expect(create).toThrow(
      expect.objectContaining({
        code: 'ERR_TOO_MANY_LAYERS',
        message: expect.stringContaining('53 layers, 52 of them from the base') as string,
      }) as Error,
    );
  }
});

test('all layers of an image count, those of the base and the application', () => {
  const layers = ['a', 'b', 'c'].map(name => ({ mediaType: OCI.gzippedLayer, digest: digestOf(name), size: 2 ** 29 }));
  const base = baseWith({ layers });
  expect(() => applicationBlob(requestWith(), base, { ...LAYER, size: 2 ** 29 })).not.toThrow();
  expect(() => applicationBlob(requestWith(), base, { ...LAYER, size: 2 ** 29 + 1 })).toThrow(
    'the image would have 2147483649 bytes on the base image public.ecr.aws/docker/library/node:24-slim',
  );
});

test('an image above 2 GiB is refused, when its application is known', () => {
  const base = baseWith({ layers: [{ mediaType: OCI.gzippedLayer, digest: digestOf('large'), size: 2 * 1024 ** 3 }] });
  expect(() => refuseBeyondLimits(requestWith(), base)).not.toThrow();
  expect(() => applicationBlob(requestWith(), base, LAYER)).toThrow(
    expect.objectContaining({ code: 'ERR_IMAGE_TOO_LARGE' }) as Error,
  );
});
