// Packages that a project has from an origin of its own are from there on this machine, too. With the uv of this machine.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { installLocalWheels } from '../../local/src/definitions/local-wheels';
import { ARM64_BINARY } from '../lib/fixtures/binaries';
import { project, removeProjects } from '../lib/fixtures/projects';

afterEach(removeProjects);

/** The name of a package that is published, of another version and by somebody else. */
const NAME = 'greet';

/** What installers know a wheel by; the files of the package are its last arguments. */
const WHEEL = `
import sys, zipfile
name, version, tag, source = sys.argv[1:]
metadata = f"{name}-{version}.dist-info"
files = {
    f"{name}/__init__.py": source,
    f"{metadata}/METADATA": f"Metadata-Version: 2.1\\nName: {name}\\nVersion: {version}\\n",
    f"{metadata}/WHEEL": f"Wheel-Version: 1.0\\nGenerator: test\\nRoot-Is-Purelib: false\\nTag: {tag}\\n",
}
files[f"{metadata}/RECORD"] = "".join(f"{file},,\\n" for file in files) + f"{metadata}/RECORD,,\\n"
with zipfile.ZipFile(f"wheels/{name}-{version}-{tag}.whl", "w") as wheel:
    for file, text in files.items():
        wheel.writestr(file, text)
`;

const PYPROJECT = `[project]
name = "app"
version = "1.0.0"
requires-python = ">=3.10"
dependencies = ["${NAME}"]
[tool.uv.sources]
${NAME} = { index = "own" }
[[tool.uv.index]]
name = "own"
url = "./wheels"
format = "flat"
explicit = true
`;

function bundleWithBinary(): string {
  const bundle = project({
    [`${NAME}/__init__.py`]: 'TAG = "of the bundle"\n',
    [`${NAME}-7.7.7.dist-info/METADATA`]: `Metadata-Version: 2.1\nName: ${NAME}\nVersion: 7.7.7\n`,
    [`${NAME}-7.7.7.dist-info/RECORD`]: `${NAME}/__init__.py,,\n${NAME}/native.so,,\n`,
  });
  writeFileSync(path.join(bundle, NAME, 'native.so'), ARM64_BINARY);
  return bundle;
}

test.each<[string, Record<string, string>, boolean]>([
  ['a folder of requirements.txt', { 'requirements.txt': `--find-links ./wheels\n${NAME}\n` }, false],
  [
    'a folder of a file that it includes',
    { 'requirements.txt': '-r base.txt\n', 'base.txt': `-f ./wheels\n${NAME}\n` },
    false,
  ],
  ['an explicit index', { 'pyproject.toml': PYPROJECT }, false],
  ['an explicit index with a lock', { 'pyproject.toml': PYPROJECT }, true],
])('of %s', async (_, files, isLocked) => {
  const directory = project({ ...files, 'wheels/.keep': '' });
  for (const tag of ['py3-none-manylinux_2_28_aarch64', 'py3-none-any']) {
    execFileSync('python3', ['-c', WHEEL, NAME, '7.7.7', tag, `TAG = "${tag}"\n`], { cwd: directory });
  }
  if (isLocked) {
    execFileSync('uv', ['lock', '--quiet'], { cwd: directory });
  }
  const bundle = bundleWithBinary();
  await installLocalWheels(bundle, 'python3', directory);
  expect(readFileSync(path.join(bundle, NAME, '__init__.py'), 'utf8')).toMatch(/^TAG = "py3-none-/);
});

test.each<[string, (url: string) => Record<string, string>]>([
  ['requirements.txt', url => ({ 'requirements.txt': `--extra-index-url ${url}\n${NAME}\n` })],
  [
    'a file that it includes, with a variable',
    url => ({
      'requirements.txt': '-r base.txt\n',
      'base.txt': `--extra-index-url=${url.replace('secret', '${OWN_TOKEN}')}\n${NAME}\n`,
    }),
  ],
])('of an index with a password in %s', async (_, filesFor) => {
  const wheels = project({ 'wheels/.keep': '' });
  execFileSync('python3', ['-c', WHEEL, NAME, '7.7.7', 'py3-none-any', 'TAG = "of the index"\n'], { cwd: wheels });
  const wheel = `${NAME}-7.7.7-py3-none-any.whl`;
  const index = createServer((request, response) => {
    const isKnown = request.headers.authorization === `Basic ${Buffer.from('me:secret').toString('base64')}`;
    const isOwn = request.url?.includes(NAME) === true;
    response.writeHead(isKnown ? (isOwn ? 200 : 404) : 401, { 'content-type': 'text/html' });
    const contents =
      request.url?.endsWith('.whl') === true ? readFileSync(path.join(wheels, 'wheels', wheel)) : undefined;
    response.end(isKnown && isOwn ? (contents ?? `<a href="/${wheel}">${wheel}</a>`) : '');
  }).listen(0, '127.0.0.1');
  await once(index, 'listening');
  process.env.OWN_TOKEN = 'secret';
  try {
    const { port } = index.address() as AddressInfo;
    const bundle = bundleWithBinary();
    await installLocalWheels(bundle, 'python3', project(filesFor(`http://me:secret@127.0.0.1:${port}/simple`)));
    expect(readFileSync(path.join(bundle, NAME, '__init__.py'), 'utf8')).toBe('TAG = "of the index"\n');
  } finally {
    delete process.env.OWN_TOKEN;
    index.close();
  }
});
