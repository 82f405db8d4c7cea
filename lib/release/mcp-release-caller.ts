import type { IUserPool, IUserPoolClient } from 'aws-cdk-lib/aws-cognito';
import type { Grant, IGrantable } from 'aws-cdk-lib/aws-iam';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import { userPool, userPoolClient } from '../private/common/cdk-kinds';
import { refuse } from '../private/common/construct-error';
import { like, nonEmptyText, nonEmptyTexts, optional, options as optionsOf, type Kinds } from '../private/common/kinds';
import type { ReleaseCaller } from '../private/release/release-check-contract';

/**
 * A client that gets tokens with its secret (OAuth 2.0 client credentials).
 */
export interface ClientCredentialsCallerOptions {
  /**
   * The id of the client. `auth` of the server must let it in.
   */
  readonly clientId: string;

  /**
   * The secret of AWS Secrets Manager that holds the client's. It is read at the time of a check, and is not in the
   * template.
   */
  readonly secret: ISecret;

  /**
   * The name under which a secret in JSON has it.
   *
   * @default - the text of the secret is the client's secret
   */
  readonly secretField?: string;

  /**
   * Scopes to ask for.
   *
   * @default - those that the authorization server gives
   */
  readonly scopes?: string[];

  /**
   * The audience to ask for, which some authorization servers need (`audience`).
   *
   * @default - none is asked for
   */
  readonly audience?: string;
}

/**
 * A client of a user pool of Amazon Cognito with a secret, for machines.
 */
export interface UserPoolClientCallerOptions {
  /**
   * The user pool. It tells the secret of its client at the time of a check.
   */
  readonly userPool: IUserPool;

  /**
   * The client, with a secret and the flow of client credentials.
   */
  readonly userPoolClient: IUserPoolClient;

  /**
   * Scopes to ask for, with the identifier of their resource server.
   *
   * @default - those of the client
   */
  readonly scopes?: string[];
}

const SECRET = like('ISecret', ['secretArn', 'grantRead()'], 'give a `Secret` of aws-secretsmanager');
const CLIENT_CREDENTIALS: Kinds<ClientCredentialsCallerOptions> = {
  clientId: nonEmptyText,
  secret: SECRET,
  secretField: optional(nonEmptyText),
  scopes: optional(nonEmptyTexts),
  audience: optional(nonEmptyText),
};
const USER_POOL_CLIENT: Kinds<UserPoolClientCallerOptions> = {
  userPool,
  userPoolClient,
  scopes: optional(nonEmptyTexts),
};

/** What a caller needs to be written into the template. */
interface BoundCaller {
  readonly bringsToken: boolean;
  render(discoveryUrl: string): ReleaseCaller;
  grantTo(grantee: IGrantable): Grant[];
}

/**
 * Who a check of a release calls as: a caller as those that the server will have.
 */
export class McpReleaseCaller {
  /**
   * The role of the function that checks, which signs its calls. For servers whose callers sign.
   */
  public static role(): McpReleaseCaller {
    return new McpReleaseCaller({ bringsToken: false, render: () => ({ kind: 'iam' }), grantTo: () => [] });
  }

  /**
   * A client that gets tokens with its secret, from the issuer that `auth` of the server names.
   *
   * @param options - its id, and where its secret is
   */
  public static clientCredentials(options: ClientCredentialsCallerOptions): McpReleaseCaller {
    refuse(undefined, optionsOf(CLIENT_CREDENTIALS)(options, 'options'));
    const { clientId, secret, secretField, scopes, audience } = options;
    return new McpReleaseCaller({
      bringsToken: true,
      render: discoveryUrl => ({
        kind: 'client-credentials',
        discoveryUrl,
        clientId,
        secretArn: secret.secretArn,
        secretField,
        scopes,
        audience,
      }),
      grantTo: grantee => [secret.grantRead(grantee)],
    });
  }

  /**
   * A client of a user pool of Amazon Cognito. `McpAuth.cognito({ machineClient: true })` brings one by itself.
   *
   * @param options - the client and its pool
   */
  public static userPoolClient(options: UserPoolClientCallerOptions): McpReleaseCaller {
    refuse(undefined, optionsOf(USER_POOL_CLIENT)(options, 'options'));
    const { userPool: pool, userPoolClient: client, scopes } = options;
    return new McpReleaseCaller({
      bringsToken: true,
      render: discoveryUrl => ({
        kind: 'client-credentials',
        discoveryUrl,
        clientId: client.userPoolClientId,
        userPoolId: pool.userPoolId,
        scopes,
      }),
      grantTo: grantee => [pool.grant(grantee, 'cognito-idp:DescribeUserPoolClient')],
    });
  }

  private constructor(private readonly caller: BoundCaller) {}

  /**
   * Whether it brings a token, instead of a signature.
   *
   * @internal
   */
  public get _bringsToken(): boolean {
    return this.caller.bringsToken;
  }

  /**
   * As the function is told of it.
   *
   * @param discoveryUrl - of the issuer of the tokens
   *
   * @internal
   */
  public _render(discoveryUrl: string): ReleaseCaller {
    return this.caller.render(discoveryUrl);
  }

  /**
   * Lets the function read the secret of the client.
   *
   * @internal
   */
  public _grantTo(grantee: IGrantable): Grant[] {
    return this.caller.grantTo(grantee);
  }
}
