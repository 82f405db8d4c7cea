import { randomBytes } from 'node:crypto';
import { OAuthError } from '@modelcontextprotocol/client';
import { StatefulMcpClientError } from '../common/errors';
import { listenForCallback, type CallbackListener } from './callback-listener';

/** How a person signs in. */
export interface SignInOptions {
  /**
   * Port of this machine that the browser comes back to. Give the one that the client is registered with, where its
   * authorization server compares it.
   *
   * @default - any that is free
   */
  readonly callbackPort?: number;

  /**
   * The form of this machine's name in the redirect URL: authorization servers compare it as text.
   *
   * @default 'localhost'
   */
  readonly callbackHost?: 'localhost' | '127.0.0.1';

  /**
   * Path of the redirect URL.
   *
   * @default '/callback'
   */
  readonly callbackPath?: string;

  /**
   * Opens the page to sign in at. What it throws is not an error: the page is shown as well.
   *
   * @default - the browser of the platform
   */
  readonly openBrowser?: ((url: URL) => unknown) | false;

  /**
   * Shows the page to sign in at to a person whose browser did not open, or is on another machine.
   *
   * @default - written to standard error
   */
  readonly showUrl?: (url: URL) => void;

  /**
   * Asks a person for the URL that their browser ended at, when it is on a machine that cannot reach this one. It may
   * take as long as it likes: the browser may come back by itself meanwhile, and then `signal` is aborted.
   *
   * @default - only the browser itself brings the answer
   */
  readonly readRedirect?: (signal: AbortSignal) => Promise<string>;

  /**
   * How long a person may take, in milliseconds.
   *
   * @default 300000 (5 minutes)
   */
  readonly signInTimeoutMs?: number;
}

const DEFAULT_TIMEOUT_MS = 300_000;

/** One sign-in of a person, from before the page is known until they come back. */
export class SignIn {
  private constructor(
    private readonly listener: CallbackListener,
    private readonly options: SignInOptions,
    /** Nobody can guess it: answers without it are not for this sign-in. */
    public readonly state: string,
  ) {}

  /** @param port - where to listen when the options do not say */
  public static async begin(options: SignInOptions, port = 0): Promise<SignIn> {
    const state = randomBytes(24).toString('base64url');
    const { callbackPort, callbackHost: host = 'localhost', callbackPath: path = '/callback' } = options;
    return new SignIn(await listenForCallback({ port: callbackPort ?? port, host, path, state }), options, state);
  }

  public get redirectUrl(): string {
    return this.listener.redirectUrl;
  }

  /**
   * Sends the person to the page, and waits until they come back.
   *
   * @throws StatefulMcpClientError `ERR_SIGN_IN` when they refuse, or take too long
   */
  public async person(page: URL, signal?: AbortSignal): Promise<{ code: string; iss: string | undefined }> {
    const { openBrowser = openPlatformBrowser, showUrl = showOnStandardError, readRedirect } = this.options;
    const over = new AbortController();
    showUrl(page);
    const pasted =
      readRedirect &&
      readRedirect(over.signal).then(
        text => this.answerIn(text),
        (cause: unknown) => failed(cause),
      );
    if (openBrowser !== false) {
      void Promise.resolve()
        .then(() => openBrowser(page))
        .catch(() => undefined);
    }
    try {
      const answer = await Promise.race([
        this.listener.callback,
        ...(pasted ? [pasted] : []),
        this.late(over.signal),
        aborted(signal, over.signal),
      ]);
      return codeOf(answer);
    } finally {
      over.abort();
    }
  }

  public close(): void {
    this.listener.close();
  }

  /** What a person pasted: the whole URL that their browser ended at. */
  private answerIn(text: string): URLSearchParams {
    if (!URL.canParse(text.trim())) {
      throw new StatefulMcpClientError(
        'ERR_SIGN_IN',
        'what was entered is not a URL: enter the whole address that the browser ended at',
      );
    }
    const { searchParams } = new URL(text.trim());
    if (searchParams.get('state') !== this.state) {
      throw new StatefulMcpClientError(
        'ERR_SIGN_IN',
        'the URL that was entered belongs to another sign-in (its `state` differs): begin again',
      );
    }
    return searchParams;
  }

  private late(over: AbortSignal): Promise<never> {
    const { signInTimeoutMs = DEFAULT_TIMEOUT_MS } = this.options;
    return new Promise((_resolve, reject) => {
      const timer = setTimeout(
        () =>
          reject(
            new StatefulMcpClientError(
              'ERR_SIGN_IN',
              `nobody signed in within ${signInTimeoutMs} ms: begin again, or raise \`signInTimeoutMs\``,
            ),
          ),
        signInTimeoutMs,
      );
      over.addEventListener('abort', () => clearTimeout(timer), { once: true });
    });
  }
}

function aborted(signal: AbortSignal | undefined, over: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal?.addEventListener('abort', () => reject(signal.reason as Error), { once: true, signal: over });
    if (signal?.aborted) {
      reject(signal.reason as Error);
    }
  });
}

function codeOf(answer: URLSearchParams): { code: string; iss: string | undefined } {
  const code = answer.get('code');
  if (code === null) {
    const [error, description] = [answer.get('error'), answer.get('error_description')];
    throw new StatefulMcpClientError(
      'ERR_SIGN_IN',
      error === null
        ? 'the authorization server sent neither a code nor an error back'
        : `the authorization server refused to sign in: ${plain(error)}${description === null ? '' : ` (${plain(description)})`}`,
      error === null ? undefined : { cause: new OAuthError(error, description ?? error) },
    );
  }
  return { code, iss: answer.get('iss') ?? undefined };
}

function failed(cause: unknown): never {
  throw new StatefulMcpClientError(
    'ERR_SIGN_IN',
    `the URL could not be read: ${cause instanceof Error ? cause.message : String(cause)}`,
    { cause },
  );
}

/** What somebody else wrote, as one short line. */
function plain(text: string): string {
  return text.replace(/[^\x20-\x7e]+/g, ' ').slice(0, 200);
}

/** @throws StatefulMcpClientError when it cannot be a page */
async function openPlatformBrowser(url: URL): Promise<void> {
  const { default: open } = await import('open');
  const child = await open(url.href);
  child.on('error', () => undefined);
}

function showOnStandardError(url: URL): void {
  process.stderr.write(`Sign in to continue: ${url.href}\n`);
}
