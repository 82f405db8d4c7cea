import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import https from 'node:https';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import type { Certificates } from './certificates';
import { listen } from './loopback';
import { ANY_MANIFEST } from './registry';

export const ECR_REGISTRY = '123456789012.dkr.ecr.eu-central-1.amazonaws.com';

export interface EcrDouble {
  readonly port: number;
  readonly apiEndpoint: string;
  /** Bytes of blobs that clients sent. */
  readonly uploadedBytes: () => number;
  /** Requests so far, as `METHOD /path status`. */
  readonly requests: () => string[];
  readonly tokensIssued: () => number;
  /** Makes the tokens issued so far invalid. */
  readonly expireTokens: () => void;
  /** Denies the next token, as for a role whose permission has not taken effect. */
  readonly denyNextToken: () => void;
  /** Breaks the connection of the next upload that gets as far. */
  readonly breakNextUploadAt: (bytes: number) => void;
  /** Stops reading the next upload that gets as far; it goes on when its client has gone. */
  readonly holdNextUploadAt: (bytes: number) => Promise<void>;
}

/**
 * Amazon ECR, as far as it differs from the registry behind it: credentials come from its API and expire (status 403),
 * repositories must exist, tags are immutable even for the same image, an upload that broke cannot begin again under
 * its old location (status 416), and blobs are given by another host, which wants no authorization.
 */
export async function startEcrDouble(
  certificates: Certificates,
  registryUrl: string,
  repositories: readonly string[],
): Promise<EcrDouble> {
  const double = new Double(registryUrl, repositories);
  const layers = await listen(
    https.createServer(tls(certificates), (request, response) => void double.serveLayer(request, response)),
  );
  double.layersUrl = `https://127.0.0.1:${layers}`;
  const port = await listen(
    https.createServer(tls(certificates), (request, response) => void double.serveRegistry(request, response)),
  );
  const api = await listen(http.createServer((request, response) => void double.serveApi(request, response)));
  return {
    port,
    apiEndpoint: `http://127.0.0.1:${api}`,
    uploadedBytes: () => double.uploadedBytes,
    requests: () => [...double.requests],
    tokensIssued: () => double.tokensIssued,
    expireTokens: () => double.validTokens.clear(),
    denyNextToken: () => {
      double.tokensToDeny = 1;
    },
    breakNextUploadAt: bytes => void double.interruptUploadAt(bytes, upload => upload.socket.destroy()),
    holdNextUploadAt: bytes => double.interruptUploadAt(bytes, () => undefined),
  };
}

class Double {
  public layersUrl = '';
  public uploadedBytes = 0;
  public tokensIssued = 0;
  public tokensToDeny = 0;
  public readonly requests: string[] = [];
  public readonly validTokens = new Set<string>();
  private readonly receivedByUpload = new Map<string, number>();
  private manifests = Promise.resolve();
  private interruption: { readonly bytes: number; readonly begin: (upload: IncomingMessage) => void } | undefined;

  public constructor(
    private readonly registryUrl: string,
    private readonly repositories: readonly string[],
  ) {}

  /** https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_GetAuthorizationToken.html */
  public async serveApi(request: IncomingMessage, response: ServerResponse): Promise<void> {
    await buffer(request);
    const signed = request.headers.authorization?.startsWith('AWS4-HMAC-SHA256 ') === true;
    if (!signed || request.headers['x-amz-target'] !== 'AmazonEC2ContainerRegistry_V20150921.GetAuthorizationToken') {
      response.writeHead(400).end(JSON.stringify({ __type: 'AccessDeniedException' }));
      return;
    }
    if (this.tokensToDeny > 0) {
      this.tokensToDeny--;
      response.writeHead(400, { 'content-type': 'application/x-amz-json-1.1' }).end(
        JSON.stringify({
          __type: 'AccessDeniedException',
          Message: 'not authorized to perform: ecr:GetAuthorizationToken',
        }),
      );
      return;
    }
    const token = randomUUID();
    this.tokensIssued++;
    this.validTokens.add(token);
    response.setHeader('content-type', 'application/x-amz-json-1.1').end(
      JSON.stringify({
        authorizationData: [
          {
            authorizationToken: Buffer.from(`AWS:${token}`).toString('base64'),
            expiresAt: Date.now() / 1000 + 12 * 3600,
            proxyEndpoint: `https://${ECR_REGISTRY}`,
          },
        ],
      }),
    );
  }

  public async serveRegistry(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url = '' } = request;
    response.on('finish', () => this.requests.push(`${method} ${url} ${response.statusCode}`));
    const [, token] = Buffer.from(/^Basic (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '', 'base64')
      .toString()
      .split(':');
    const [, repository = '', kind, reference = ''] = /^\/v2\/(.+)\/(manifests|blobs)\/([^?]*)/.exec(url) ?? [];
    if (token === undefined) {
      response.setHeader('www-authenticate', `Basic realm="https://${ECR_REGISTRY}/",service="ecr.amazonaws.com"`);
      return refuse(request, response, 401, 'UNAUTHORIZED', 'Not Authorized');
    }
    if (!this.validTokens.has(token)) {
      return refuse(
        request,
        response,
        403,
        'DENIED',
        'Your authorization token has expired. Reauthenticate and try again.',
      );
    }
    if (!this.repositories.includes(repository)) {
      return refuse(
        request,
        response,
        404,
        'NAME_UNKNOWN',
        `The repository with name '${repository}' does not exist in the registry with id '123456789012'`,
      );
    }
    if (method === 'GET' && kind === 'blobs') {
      response.writeHead(307, { location: `${this.layersUrl}${url}` }).end();
      return;
    }
    if (method === 'PUT' && kind === 'manifests') {
      const turn = this.manifests.then(() => this.serveManifest(request, response, repository, reference));
      this.manifests = turn;
      return turn;
    }
    if (method === 'PUT' && kind === 'blobs') {
      return this.serveUpload(request, response, reference);
    }
    await this.forward(request, response);
  }

  /** Where the layers of Amazon ECR really are: presigned, so that any other authorization is one too many. */
  public async serveLayer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.headers.authorization !== undefined) {
      return refuse(request, response, 400, 'InvalidArgument', 'Only one auth mechanism allowed');
    }
    await this.forward(request, response);
  }

  /** One at a time: a tag is there or not. */
  private async serveManifest(
    request: IncomingMessage,
    response: ServerResponse,
    repository: string,
    tag: string,
  ): Promise<void> {
    if ((await fetch(`${this.registryUrl}${request.url}`, { method: 'HEAD', headers: ANY_MANIFEST })).ok) {
      return refuse(
        request,
        response,
        400,
        'TAG_INVALID',
        `The image tag '${tag}' already exists in the '${repository}' repository and cannot be ` +
          'overwritten because the tag is immutable.',
      );
    }
    await this.forward(request, response);
  }

  private async serveUpload(request: IncomingMessage, response: ServerResponse, upload: string): Promise<void> {
    const received = this.receivedByUpload.get(upload) ?? 0;
    if (received > 0) {
      return refuse(
        request,
        response,
        416,
        'BLOB_UPLOAD_INVALID',
        `First byte of the layer part is 0 instead of ${received}`,
      );
    }
    await this.forward(request, response, this.metered(request, upload));
  }

  /** Resolves when an upload has been interrupted. */
  public interruptUploadAt(bytes: number, interrupt: (upload: IncomingMessage) => void): Promise<void> {
    return new Promise(resolve => {
      this.interruption = {
        bytes,
        begin: upload => {
          this.interruption = undefined;
          resolve();
          interrupt(upload);
        },
      };
    });
  }

  private async *metered(request: IncomingMessage, upload: string): AsyncIterable<Buffer> {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      const received = (this.receivedByUpload.get(upload) ?? 0) + chunk.length;
      this.receivedByUpload.set(upload, received);
      this.uploadedBytes += chunk.length;
      if (this.interruption !== undefined && received >= this.interruption.bytes) {
        const gone = once(request.socket, 'close');
        this.interruption.begin(request);
        await gone;
      }
      yield chunk;
    }
  }

  private async forward(
    request: IncomingMessage,
    response: ServerResponse,
    body: AsyncIterable<Buffer> = request,
  ): Promise<void> {
    const headers = Object.fromEntries(Object.entries(request.headers).filter(([name]) => name !== 'authorization'));
    const outgoing = http.request(new URL(request.url ?? '', this.registryUrl), { method: request.method, headers });
    const answered = once(outgoing, 'response') as Promise<[IncomingMessage]>;
    try {
      const [[incoming]] = await Promise.all([answered, pipeline(body, outgoing)]);
      response.writeHead(incoming.statusCode ?? 502, incoming.headers);
      await pipeline(incoming, response);
    } catch {
      outgoing.destroy();
      response.destroy();
    }
  }
}

function refuse(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  code: string,
  message: string,
): void {
  request.resume();
  response
    .writeHead(status, { 'content-type': 'application/json' })
    .end(JSON.stringify({ errors: [{ code, message }] }));
}

function tls({ certificate, key }: Certificates): https.ServerOptions {
  return { cert: certificate, key };
}
