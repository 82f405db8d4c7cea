import { PLATFORM_ERROR_CODES } from 'stateful-mcp-contract';
import { invalidMember, PlatformException, resourceNotFound } from '../platform/platform-errors';
import { type ServedRuntime } from '../runtime/served-runtime';
import { invocationPath, DEFAULT_ENDPOINT } from '../model/runtime-urls';

/** An operation of the data plane on a runtime. */
export interface Destination {
  readonly runtime: ServedRuntime;
  readonly operation: 'invoke' | 'stop' | 'metadata';
  readonly qualifier: string;
  /** URL of AgentCore, or one of the short ones. */
  readonly surface: 'platform' | 'short';
}

/** A runtime that somebody may expect here. */
export interface UnservedRuntime {
  readonly name: string;
  readonly arn: string;
  readonly explanation: string;
}

const OPERATIONS: readonly (readonly [suffix: RegExp, operation: Destination['operation']])[] = [
  [/^invocations\/?$/, 'invoke'],
  [/^invocations\/\.well-known\/oauth-protected-resource\/?$/, 'metadata'],
  [/^stopruntimesession\/?$/, 'stop'],
];
const SHORT_SUFFIX = { MCP: 'mcp', HTTP: 'invocations' } as const;

/**
 * The URLs of the data plane:
 *
 * - `/runtimes/{escaped ARN}/invocations?qualifier=` and `/runtimes/{runtime id}/invocations?qualifier=&accountId=`, as
 *   on AgentCore, with `/stopruntimesession` instead of `/invocations` and with `/.well-known/oauth-protected-resource`
 *   after it
 * - `/{runtime name}/mcp`, or `/{runtime name}/invocations` for the HTTP protocol
 * - `/mcp` or `/invocations`, when there is one runtime only
 */
export class Routes {
  /**
   * @param runtimes - as they are at the moment of each request
   * @param leftOut - those that are not served, and why
   */
  public constructor(
    private readonly runtimes: () => readonly ServedRuntime[],
    private readonly leftOut: () => readonly UnservedRuntime[],
  ) {}

  /**
   * Where a request goes; undefined when the data plane has nothing at its path.
   *
   * @throws PlatformException ResourceNotFoundException or ValidationException
   */
  public find(url: string): Destination | undefined {
    const [path = '', query = ''] = url.split('?', 2);
    const [, reference, suffix] = /^\/runtimes\/([^/]+)\/(.+)$/.exec(path) ?? [];
    const operation = OPERATIONS.find(([pattern]) => suffix !== undefined && pattern.test(suffix))?.[1];
    if (reference !== undefined && operation) {
      const parameters = new URLSearchParams(query);
      const runtime = this.referred(unescape(reference), parameters.get('accountId'));
      return { runtime, operation, qualifier: parameters.get('qualifier') || DEFAULT_ENDPOINT, surface: 'platform' };
    }
    const runtime = this.shortened(path);
    return runtime && { runtime, operation: 'invoke', qualifier: DEFAULT_ENDPOINT, surface: 'short' };
  }

  /** The paths to try instead of one that is not served. */
  public get paths(): readonly string[] {
    const runtimes = this.runtimes();
    const suffixOf = ({ definition }: ServedRuntime): string => SHORT_SUFFIX[definition.features.protocol];
    const short = runtimes.map(runtime => `/${runtime.definition.name}/${suffixOf(runtime)}`);
    return [
      ...(runtimes.length === 1 ? runtimes.map(runtime => `/${suffixOf(runtime)}`) : []),
      ...short,
      ...runtimes.map(({ definition }) => invocationPath(definition.arn)),
    ];
  }

  private referred(reference: string | undefined, accountId: string | null): ServedRuntime {
    const byArn = this.runtimes().find(({ definition }) => definition.arn === reference);
    if (byArn) {
      return byArn;
    }
    const byId = this.runtimes().find(({ definition }) => definition.arn.split('/')[1] === reference);
    if (byId && accountId === null) {
      throw invalidMember('accountId', 'is required when the runtime is given by its id instead of its ARN');
    }
    if (byId && byId.definition.arn.split(':')[4] === accountId) {
      return byId;
    }
    this.checkNotLeftOut(({ arn }) => arn === reference || arn.split('/')[1] === reference);
    throw resourceNotFound(`No agent found for '${reference ?? ''}'`);
  }

  private shortened(path: string): ServedRuntime | undefined {
    const [, name, suffix] = /^(?:\/([^/]+))?\/(mcp|invocations)\/?$/.exec(path) ?? [];
    const runtimes = this.runtimes();
    const runtime =
      name === undefined
        ? runtimes.length === 1
          ? runtimes[0]
          : undefined
        : runtimes.find(({ definition }) => definition.name === name);
    if (!runtime) {
      this.checkNotLeftOut(candidate => candidate.name === name);
    }
    return runtime && SHORT_SUFFIX[runtime.definition.features.protocol] === suffix ? runtime : undefined;
  }

  // AgentCore would serve it. Its callers hear the reason in every dialect, also in MCP's, whose text for a resource
  // that is not found is always the same.
  private checkNotLeftOut(isMeant: (runtime: UnservedRuntime) => boolean): void {
    const meant = this.leftOut().find(isMeant);
    if (meant) {
      throw new PlatformException('ResourceNotFoundException', `not served here: ${meant.explanation}`, {
        mcp: { status: 200, code: PLATFORM_ERROR_CODES.notFound },
      });
    }
  }
}

function unescape(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
