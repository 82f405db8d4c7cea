import { ANYBODY, type Caller } from './caller';
import type { Exchange } from '../http/exchange';
import { JwtVerifier } from './jwt-verifier';
import { PlatformException, type ExceptionDetails } from '../platform/platform-errors';
import type { PlatformSettings } from '../platform/platform-settings';
import { challenge, type TokenError } from './protected-resource';
import type { RuntimeDefinition } from '../model/runtime-definition';
import { signerOf } from './signature';
import { type LocalCredentials } from './local-credentials';
import { type JwtAuthorizer } from '../model/jwt-authorizer';
import { RUNTIME_USER_ID } from 'stateful-mcp-contract';

/**
 * Where callers have to show who they are:
 *
 * - `off`: nowhere
 * - `platform-urls`: at `/runtimes/...`, as on AgentCore; the short paths stay open for clients that cannot sign
 * - `all`: everywhere
 */
export type AuthScope = 'off' | 'platform-urls' | 'all';

/** By which URL somebody wants to reach a runtime. */
export interface Inbound {
  readonly qualifier: string;
  readonly surface: 'platform' | 'short';
}

/** Finds out who sends a request: by its signature, or for a runtime with a custom JWT authorizer by its token. */
export class InboundAuth {
  private readonly verifiers = new WeakMap<JwtAuthorizer, JwtVerifier>();

  public constructor(
    private readonly scope: AuthScope,
    private readonly credentials: readonly LocalCredentials[],
    private readonly unsignedPayload: PlatformSettings['unsignedPayload'],
  ) {}

  /** @throws PlatformException UnauthorizedException or AccessDeniedException */
  public callerOf(exchange: Exchange, definition: RuntimeDefinition, inbound: Inbound): Caller | Promise<Caller> {
    return this.covers(inbound.surface) ? this.verified(exchange, definition, inbound) : ANYBODY;
  }

  /** Whose signature a request of the control plane carries. */
  public async controlCallerOf(exchange: Exchange, region: string): Promise<Caller> {
    return this.scope === 'off' ? ANYBODY : this.signed(exchange, region);
  }

  private async verified(exchange: Exchange, definition: RuntimeDefinition, { qualifier }: Inbound): Promise<Caller> {
    const { customJWTAuthorizer: authorizer } = definition.features;
    if (authorizer) {
      const [scheme, token] = (exchange.headers.authorization ?? '').split(' ', 2);
      const challenged = (error?: TokenError): ExceptionDetails => ({
        headers: ['WWW-Authenticate', challenge(originOf(exchange), definition.arn, qualifier, authorizer, error)],
      });
      if (!token || scheme?.toLowerCase() !== 'bearer') {
        throw new PlatformException('UnauthorizedException', 'Missing bearer token', challenged());
      }
      const verified = await this.verifierOf(authorizer).verify(token);
      if ('identity' in verified) {
        // The user is the one of the token, whatever the user id header says.
        return verified;
      }
      const { problem, error } = verified;
      throw new PlatformException(
        error === 'invalid_token' ? 'UnauthorizedException' : 'AccessDeniedException',
        problem,
        // Signing in again would not help where the token is genuine and has the scope.
        error && challenged(error),
      );
    }
    return this.signed(exchange, definition.region);
  }

  private async signed(exchange: Exchange, region: string): Promise<Caller> {
    const { accessKeyId, mayNameUser = true } = await signerOf(exchange, {
      credentials: this.credentials,
      region,
      unsignedPayload: this.unsignedPayload,
    });
    if (exchange.headers[RUNTIME_USER_ID] && !mayNameUser) {
      throw new PlatformException(
        'AccessDeniedException',
        `${accessKeyId} is not authorized to perform: bedrock-agentcore:InvokeAgentRuntimeForUser`,
      );
    }
    return { identity: accessKeyId };
  }

  private covers(surface: 'platform' | 'short'): boolean {
    return this.scope === 'all' || (this.scope === 'platform-urls' && surface === 'platform');
  }

  private verifierOf(authorizer: JwtAuthorizer): JwtVerifier {
    const known = this.verifiers.get(authorizer);
    if (known) {
      return known;
    }
    const verifier = new JwtVerifier(authorizer);
    this.verifiers.set(authorizer, verifier);
    return verifier;
  }
}

/** Where the client believes to be. */
export function originOf({ headers }: Exchange): string {
  return `http://${headers.host || 'localhost'}`;
}
