import { zipped } from '../containers/application';
import { pushRandomImage } from '../containers/base-image';
import { createCertificates, type Certificates } from './certificates';
import { endAll } from '../assembly/disposal';
import { assembleInProcess } from '../assembly/in-process';
import { Podman } from '../containers/podman';
import { PASSWORD, startRegistry, USERNAME, type Registry, type RegistryOptions } from './registry';

// The client against a real registry, in the ways that registries differ.

let certificates: Certificates;
let podman: Podman;
let open: Registry;

beforeAll(async () => {
  certificates = await createCertificates();
  podman = new Podman();
  open = await startRegistry();
  await pushRandomImage(podman, `${open.host}/base:1`, [200_000, 1000]);
});

afterAll(endAll);

/** A password is a secret for the registry that it belongs to, so the base image comes from the same one. */
async function assembleWithin(options: RegistryOptions): Promise<string[]> {
  const registry = await startRegistry({ certificates, ...options });
  const login = options.authentication === 'basic' ? ['--creds', `${USERNAME}:${PASSWORD}`] : [];
  await podman.command('pull', '--quiet', '--arch', 'arm64', '--tls-verify=false', `${open.host}/base:1`);
  await podman.command(
    'push',
    ...login,
    '--tls-verify=false',
    `${open.host}/base:1`,
    `docker://${registry.host}/base:1`,
  );
  const notes: string[] = [];
  const { imageDigest } = await assembleInProcess({
    repositoryUri: `${registry.host}/team/expenses`,
    baseImage: `${registry.host}/base:1`,
    application: await zipped({ 'index.js': 'console.log(1);' }),
    architecture: 'arm64',
    credentials:
      options.authentication === 'basic'
        ? () => Promise.resolve({ username: USERNAME, password: PASSWORD })
        : undefined,
    note: event => notes.push(event),
  });
  const pull = podman.command(
    'pull',
    '--quiet',
    '--arch',
    'arm64',
    ...login,
    '--tls-verify=false',
    `${registry.host}/team/expenses@${imageDigest}`,
  );
  await expect(pull).resolves.toMatch(/^[a-f0-9]{64}\n$/);
  return layersIn(notes);
}

/**
 * What became of the layers of the base image; they are brought at the same time as the application and the
 * configuration.
 */
function layersIn(notes: readonly string[]): string[] {
  return notes.filter(note => note.startsWith('layer '));
}

test.each<[string, RegistryOptions]>([
  ['no authentication, absolute locations', {}],
  ['no authentication, relative locations', { relativeLocations: true }],
  ['a user name and a password', { authentication: 'basic' }],
  ['tokens', { authentication: 'token' }],
  ['tokens that are good for 2 seconds', { authentication: 'token', tokenSeconds: 2 }],
])('%s', async (_case, options) => {
  expect(await assembleWithin(options)).toEqual([
    expect.stringMatching(/^layer sha256:\w+ of \d+ bytes: mounted$/),
    expect.stringMatching(/: mounted$/),
  ]);
});

test('layers of another registry are copied, not mounted', async () => {
  const registry = await startRegistry();
  const notes: string[] = [];
  await assembleInProcess({
    repositoryUri: `${registry.host}/expenses`,
    baseImage: `${open.host}/base:1`,
    application: await zipped({ 'index.js': 'console.log(1);' }),
    architecture: 'arm64',
    note: event => notes.push(event),
  });
  expect(layersIn(notes)).toEqual([expect.stringMatching(/: uploaded$/), expect.stringMatching(/: uploaded$/)]);
  expect(notes).toHaveLength(4);
});

test('an index without the platform is refused', async () => {
  const registry = await startRegistry();
  await expect(
    assembleInProcess({
      repositoryUri: `${registry.host}/expenses`,
      baseImage: `${open.host}/base:1`,
      application: await zipped({ 'index.js': 'console.log(1);' }),
      architecture: 'amd64',
    }),
  ).rejects.toMatchObject({
    code: 'ERR_BASE_PLATFORM_MISSING',
    message: expect.stringContaining('is there for linux/arm64, not for linux/amd64') as string,
  });
});
