// A registry of npm that has what this repository would publish, and sends everybody on for the rest.
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import path from 'node:path';

const PACKAGES = ['.', 'server', 'client', 'local', 'command', 'create'];

/** Packs every package into a folder, and serves them. Gives the URL, and what ends it. */
export async function servePacked(root, folder) {
  const upstream = execFileSync('npm', ['config', 'get', 'registry'], { encoding: 'utf8' }).trim().replace(/\/?$/, '/');
  const packages = new Map();
  for (const directory of PACKAGES) {
    const [{ filename, integrity, shasum }] = JSON.parse(
      execFileSync('npm', ['pack', '--json', '--pack-destination', folder, path.join(root, directory)], {
        encoding: 'utf8',
        cwd: root,
        stdio: ['ignore', 'pipe', 'pipe'],
      }),
    );
    const manifest = JSON.parse(readFileSync(path.join(root, directory, 'package.json'), 'utf8'));
    packages.set(manifest.name, { manifest, filename, integrity, shasum });
  }

  const server = createServer((request, response) => {
    const name = decodeURIComponent(new URL(request.url, 'http://registry').pathname.slice(1));
    const found = packages.get(name);
    if (found !== undefined) {
      response.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-store' });
      response.end(JSON.stringify(documentOf(found)));
    } else if (name.startsWith('-/packed/')) {
      response.end(readFileSync(path.join(folder, path.basename(name))));
    } else {
      response.writeHead(307, { location: new URL(request.url.slice(1), upstream).href }).end();
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${server.address().port}/`;

  function documentOf({ manifest, filename, integrity, shasum }) {
    const { name, version } = manifest;
    const dist = { tarball: `${url}-/packed/${filename}`, integrity, shasum };
    return { name, 'dist-tags': { latest: version }, versions: { [version]: { ...manifest, dist } } };
  }

  return { url, close: () => server.close() };
}
