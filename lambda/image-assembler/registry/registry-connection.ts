import { PlaceRefusedError, urlAfter } from '../../common/encrypted-url';
import {
  CertificateError,
  LongBodyError,
  readBody,
  type HttpRequest,
  type HttpResponse,
  type HttpTransport,
} from '../../common/http-transport';
import { TransientFailure, withRetries, type RetryPolicy } from '../../common/retry';
import type { ImageAssemblyError } from '../common/failures';
import { RegistryAuthorization, TokenRefusedError, type CredentialsSource } from './registry-authorization';
import { MAX_REDIRECTS, redirectOf } from './redirects';
import {
  failureOf,
  isTransient,
  kindOf,
  transientFailureOf,
  type RegistryFailure,
  type RegistryResponse,
} from './registry-response';

export interface RegistryConnectionOptions {
  /** `https://{registry}` */
  readonly endpoint: URL;
  readonly repository: string;
  /** What the repository is used for: `pull`, or `pull,push`. */
  readonly access: 'pull' | 'pull,push';
  readonly credentials?: CredentialsSource;
  readonly transport: HttpTransport;
  readonly retryPolicy: RetryPolicy;
  /** How long a connection may be silent. */
  readonly idleTimeoutMs: number;
  /**
   * The error to throw for a failure: a base image that is not found is something else than a repository that is not
   * found.
   */
  readonly explain: (failure: RegistryFailure) => ImageAssemblyError;
}

export interface RegistryRequest {
  readonly method: HttpRequest['method'];
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer;
  /** Scopes beside that of the repository. */
  readonly scopes?: readonly string[];
  readonly signal: AbortSignal;
}

/**
 * The requests to one repository of a registry: with the authorization that it demands, along its redirects, and as
 * often as it takes. What fails for good is an error of the assembler.
 */
export class RegistryConnection {
  private readonly authorization: RegistryAuthorization;
  private readonly scope: string;

  public constructor(private readonly options: RegistryConnectionOptions) {
    const { endpoint, transport, idleTimeoutMs, credentials } = options;
    this.authorization = new RegistryAuthorization(endpoint, transport, idleTimeoutMs, credentials);
    this.scope = `repository:${options.repository}:${options.access}`;
  }

  /** Sends a request, and gives its whole answer. */
  public ask(request: RegistryRequest): Promise<RegistryResponse> {
    return this.request(request, whole);
  }

  /** Sends a request until the answer is neither a demand for a token nor a reason to try again, and receives it. */
  public async request<T>(
    { method, path, headers, body, scopes = [], signal }: RegistryRequest,
    receive: (incoming: HttpResponse) => Promise<T>,
  ): Promise<T> {
    const { endpoint, repository, idleTimeoutMs, retryPolicy } = this.options;
    const url = new URL(`/v2/${repository}/${path}`, endpoint);
    return this.settled(
      withRetries(retryPolicy, signal, async () => {
        const incoming = await this.sendAuthorized({ method, url, headers, body, idleTimeoutMs, signal }, [
          this.scope,
          ...scopes,
        ]);
        if (isTransient(incoming.status)) {
          throw transientFailureOf(await whole(incoming));
        }
        return receive(incoming);
      }),
    );
  }

  private async sendAuthorized(request: HttpRequest, scopes: readonly string[]): Promise<HttpResponse> {
    const sent = await this.authorization.header(scopes, request.signal);
    const response = await this.sendOnce(request, scopes);
    const refused = response.status === 401 || (response.status === 403 && sent !== undefined);
    if (!refused) {
      return response;
    }
    // Where a redirect ends, nobody says who gets the credentials for the registry.
    const isOwn = response.url.origin === this.options.endpoint.origin;
    const demand = isOwn ? response.headers['www-authenticate'] : undefined;
    const again = await this.authorization.answer(demand, scopes, sent, request.signal);
    if (!again) {
      return response;
    }
    await readBody(response);
    return this.sendOnce(request, scopes);
  }

  /**
   * Sends a request with the authorization that is known, once.
   *
   * Follows redirects, with the authorization going to the registry's own origin only, and never out of HTTPS.
   *
   * @param scopes - what else it needs than the repository
   */
  public async sendOnce(request: HttpRequest, scopes: readonly string[] = [this.scope]): Promise<HttpResponse> {
    const { transport, endpoint } = this.options;
    let url = request.url;
    for (let redirects = 0; ; redirects++) {
      const authorization =
        url.origin === endpoint.origin ? await this.authorization.header(scopes, request.signal) : undefined;
      const response = await transport.send({
        ...request,
        url,
        headers: { ...request.headers, ...(authorization === undefined ? {} : { authorization }) },
      });
      const readOnly = request.method === 'GET' || request.method === 'HEAD';
      const place = redirectOf(response);
      if (!readOnly || redirects === MAX_REDIRECTS || place === undefined) {
        return response;
      }
      await readBody(response);
      url = urlAfter(url, place);
    }
  }

  /** @throws what explains the response, where its status is another one */
  public expect(response: RegistryResponse, status: number): void {
    if (response.status !== status) {
      throw this.options.explain(failureOf(response));
    }
  }

  /** Turns what is left when all attempts are used up into an error of the assembler. */
  public async settled<T>(operation: Promise<T>): Promise<T> {
    try {
      return await operation;
    } catch (error) {
      throw this.explainedError(error);
    }
  }

  public async *explained(bytes: AsyncIterable<Buffer>): AsyncIterable<Buffer> {
    try {
      yield* bytes;
    } catch (error) {
      throw this.explainedError(error);
    }
  }

  private explainedError(error: unknown): unknown {
    if (error instanceof TransientFailure) {
      return this.options.explain({ kind: kindOf(error.status), message: error.message });
    }
    if (error instanceof TokenRefusedError) {
      return this.options.explain({ kind: 'denied', message: error.message });
    }
    if (error instanceof PlaceRefusedError || error instanceof LongBodyError) {
      return this.options.explain({ kind: 'refused', message: error.message });
    }
    return error instanceof CertificateError
      ? this.options.explain({ kind: 'unavailable', message: error.message })
      : error;
  }
}

/** A response with all of its body. */
export async function whole(incoming: HttpResponse): Promise<RegistryResponse> {
  return { ...incoming, body: await readBody(incoming) };
}
