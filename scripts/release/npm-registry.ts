// A registry of npm that takes what is published to it, and has everything else from the one that is configured. So
// packages are installed by their names, as users install them, before they are published. Verdaccio does the same with
// two hundred packages of its own, and does not install as it stands.
import { execFile, execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { packAll } from './published-packages';

const execute = promisify(execFile);

/** What `npm publish` sends, as far as it is looked at. */
interface Publication {
  readonly name: string;
  readonly versions: Readonly<Record<string, { readonly dist: { tarball: string } }>>;
  readonly _attachments: Readonly<Record<string, { readonly data: string }>>;
}

/** What the registry that is configured answered. */
interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: Buffer;
}

export class NpmRegistry {
  private readonly publications = new Map<string, Publication>();
  private readonly answers = new Map<string, Promise<Answer>>();
  private readonly directory = mkdtempSync(path.join(tmpdir(), 'registry-'));

  /** Listens on a free port of 127.0.0.1. */
  public static async open(): Promise<NpmRegistry> {
    const upstream = execFileSync('npm', ['config', 'get', 'registry'], { encoding: 'utf8' }).trim();
    const registry = new NpmRegistry(createServer(), upstream.replace(/\/$/, ''));
    await once(registry.server.listen(0, '127.0.0.1'), 'listening');
    // npm refuses to publish without a token, whatever it is.
    writeFileSync(registry.userConfig, `registry=${registry.url}/\n${registry.url.slice(5)}/:_authToken=none\n`);
    return registry;
  }

  private constructor(
    private readonly server: Server,
    private readonly upstream: string,
  ) {
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      this.answer(request, response).catch((error: unknown) => {
        response.writeHead(502).end(String(error));
      });
    });
  }

  public get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** A file for `npm_config_userconfig`: whatever npm does with it, it does with this registry. */
  public get userConfig(): string {
    return path.join(this.directory, 'npmrc');
  }

  /** Publishes a tarball as the release does. */
  public async publish(tarball: string): Promise<void> {
    await this.run('npm', ['publish', tarball], path.dirname(tarball));
  }

  /** Packs all packages of this repository into a directory, and publishes them. */
  public async publishAll(directory: string): Promise<void> {
    await Promise.all(packAll(directory).map(tarball => this.publish(tarball)));
  }

  /** Runs a program while the registry answers, which it could not if the program was waited for. */
  public async run(program: string, args: readonly string[], cwd: string): Promise<void> {
    await execute(program, args, { cwd, env: { ...process.env, npm_config_userconfig: this.userConfig } });
  }

  public async close(): Promise<void> {
    this.server.close();
    this.server.closeAllConnections();
    await once(this.server, 'close');
    rmSync(this.directory, { recursive: true, force: true });
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname } = new URL(request.url ?? '/', this.url);
    const [name = '', file] = decodeURIComponent(pathname.slice(1)).split('/-/');
    const publication = this.publications.get(name);
    if (request.method === 'PUT') {
      this.take(JSON.parse(await text(request)) as Publication);
      response.writeHead(201).end('{}');
    } else if (publication && file !== undefined) {
      response.end(Buffer.from(publication._attachments[file]?.data ?? '', 'base64'));
    } else if (publication) {
      response.setHeader('content-type', 'application/json').end(JSON.stringify(publication));
    } else {
      const { accept = '*/*' } = request.headers;
      const { status, type, body } = await this.upstreamAnswer(request.url ?? '/', accept, file === undefined);
      response.writeHead(status, { 'content-type': type }).end(body);
    }
  }

  /**
   * Asks the registry that is configured. What it says about a package is kept: package managers keep it by the port of
   * this registry, so that each test would ask for all of it again. Tarballs they keep by what is in them.
   */
  private upstreamAnswer(url: string, accept: string, keep: boolean): Promise<Answer> {
    const key = `${accept} ${url}`;
    const kept = this.answers.get(key);
    if (kept !== undefined) {
      return kept;
    }
    const asked = fetch(this.upstream + url, { headers: { accept } }).then(async found => ({
      status: found.status,
      type: found.headers.get('content-type') ?? 'application/json',
      body: Buffer.from(await found.arrayBuffer()),
    }));
    if (keep) {
      this.answers.set(key, asked);
      const forget = (): unknown => this.answers.delete(key);
      asked.then(({ status }) => status !== 200 && forget(), forget);
    }
    return asked;
  }

  private take(publication: Publication): void {
    const [file = ''] = Object.keys(publication._attachments);
    for (const { dist } of Object.values(publication.versions)) {
      dist.tarball = `${this.url}/${publication.name}/-/${file}`;
    }
    this.publications.set(publication.name, publication);
  }
}
