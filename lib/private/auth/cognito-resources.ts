import { Aws, Duration, Names, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { RuntimeAuthorizerConfiguration } from 'aws-cdk-lib/aws-bedrockagentcore';
import {
  CfnManagedLoginBranding,
  type CfnUserPoolClient,
  CfnUserPoolDomain,
  ManagedLoginVersion,
  OAuthScope,
  ResourceServerScope,
  UserPoolClient,
  UserPoolDomain,
  UserPoolResourceServer,
  type IUserPool,
  type IUserPoolClient,
  type IUserPoolDomain,
  type IUserPoolResourceServer,
} from 'aws-cdk-lib/aws-cognito';
import { Construct, Dependable } from 'constructs';
import type { CognitoAuthOptions } from '../../auth/cognito-auth-options';
import { refuse } from '../common/construct-error';
import { substituted } from '../common/substitution';
import { AuthorizationServerMetadata } from './authorization-server-metadata';
import { cognitoProblems } from './cognito-problems';
import { callbackUrlsOf } from './host-callbacks';
import { newUserPool } from './user-pool';

const DEFAULT_SCOPES = { invoke: 'Use the tools of the MCP server' };

/** The longest grace that Cognito allows: hosts refresh from several windows at a time. */
const DEFAULT_GRACE_PERIOD = Duration.minutes(1);

/** What Cognito needs for one server: a pool with a domain, scopes, and clients. */
export class CognitoResources extends Construct {
  public readonly userPool: IUserPool;
  public readonly resourceServer: IUserPoolResourceServer;
  public readonly publicClient: IUserPoolClient;
  public readonly machineClient?: IUserPoolClient;
  /** With the identifier of the resource server, as they are in tokens. */
  public readonly scopes: string[];
  public readonly domainUrl: string;
  public readonly metadataUrl?: string;
  public readonly authorizer: RuntimeAuthorizerConfiguration;

  private readonly options: CognitoAuthOptions;

  /** @param scope - the server */
  // eslint-disable-next-line cdk/no-unused-props -- they are used as `options`
  public constructor(scope: Construct, id: string, props: CognitoAuthOptions) {
    super(scope, id);

    const options = {
      ...props,
      resourceServerIdentifier:
        props.resourceServerIdentifier ?? Names.uniqueResourceName(scope, { maxLength: 64, separator: '-' }),
    };
    refuse(scope, cognitoProblems(scope, options));
    this.options = options;
    const { resourceServerIdentifier: identifier } = options;

    this.userPool = options.userPool ?? newUserPool(this, 'UserPool', options.removalPolicy ?? RemovalPolicy.RETAIN);
    const domain = options.domain ?? this.newDomain();
    this.domainUrl = urlOf(domain, this);

    const scopes = Object.entries(options.scopes ?? DEFAULT_SCOPES);
    this.scopes = scopes.map(([name]) => `${identifier}/${name}`);
    this.resourceServer = new UserPoolResourceServer(this, 'ResourceServer', {
      userPool: this.userPool,
      identifier,
      scopes: scopes.map(([scopeName, scopeDescription]) => new ResourceServerScope({ scopeName, scopeDescription })),
    });

    this.publicClient = this.newPublicClient(domain);
    this.machineClient = options.machineClient === true ? this.newMachineClient() : undefined;
    if (options.publishMetadata ?? true) {
      this.metadataUrl = new AuthorizationServerMetadata(this, 'Metadata', {
        domainUrl: this.domainUrl,
        scopes: this.scopes,
        hasMachineClient: this.machineClient !== undefined,
      }).url;
    }

    // Whoever gets a token needs these, which wait for the rest but the metadata: hosts alone read those.
    const own = [domain, this.publicClient, this.machineClient].filter(made => made?.node.scope === this);
    Dependable.implement(this, { dependencyRoots: own.filter(made => made !== undefined) });

    this.authorizer = RuntimeAuthorizerConfiguration.usingCognito(
      this.userPool,
      [
        this.publicClient,
        ...(this.machineClient === undefined ? [] : [this.machineClient]),
        ...(options.additionalClients ?? []),
      ],
      options.allowedAudiences,
      this.scopes,
      options.customClaims,
    );
  }

  private newDomain(): IUserPoolDomain {
    // The address is hexadecimal, so that it has none of the words that Cognito keeps for itself.
    const domainPrefix = this.options.domainPrefix ?? substituted(`mcp-${this.node.addr.slice(-12)}-${Aws.ACCOUNT_ID}`);
    return new UserPoolDomain(this, 'Domain', {
      userPool: this.userPool,
      cognitoDomain: { domainPrefix },
      managedLoginVersion: ManagedLoginVersion.NEWER_MANAGED_LOGIN,
    });
  }

  /** For people: no secret, since hosts cannot keep one, hence PKCE, and a code that only their callback URLs get. */
  private newPublicClient(domain: IUserPoolDomain): UserPoolClient {
    const { options } = this;
    const client = new UserPoolClient(this, 'Client', {
      userPool: this.userPool,
      generateSecret: false,
      // With none, Cognito turns on several, and those that refresh exclude rotation. Their tokens have no scope of the server.
      authFlows: { user: true },
      oAuth: {
        flows: { authorizationCodeGrant: true },
        scopes: [OAuthScope.OPENID, ...this.oAuthScopes()],
        callbackUrls: callbackUrlsOf(options),
      },
      supportedIdentityProviders: options.identityProviders,
      preventUserExistenceErrors: true,
      enableTokenRevocation: true,
      accessTokenValidity: options.accessTokenValidity,
      refreshTokenValidity: options.refreshTokenValidity,
      refreshTokenRotationGracePeriod: options.refreshTokenRotationGracePeriod ?? DEFAULT_GRACE_PERIOD,
    });
    client.node.addDependency(this.resourceServer);
    if (hasManagedLogin(domain)) {
      // Managed login shows an error to clients without a style.
      new CfnManagedLoginBranding(this, 'Branding', {
        userPoolId: this.userPool.userPoolId,
        clientId: client.userPoolClientId,
        useCognitoProvidedValues: true,
      });
    }
    return client;
  }

  private newMachineClient(): UserPoolClient {
    const client = new UserPoolClient(this, 'MachineClient', {
      userPool: this.userPool,
      generateSecret: true,
      oAuth: { flows: { clientCredentials: true }, scopes: this.oAuthScopes() },
      enableTokenRevocation: true,
      accessTokenValidity: this.options.accessTokenValidity,
    });
    // The least that there is: nobody signs in by this client, and machines have nothing to refresh.
    (client.node.defaultChild as CfnUserPoolClient).explicitAuthFlows = ['ALLOW_REFRESH_TOKEN_AUTH'];
    client.node.addDependency(this.resourceServer);
    return client;
  }

  private oAuthScopes(): OAuthScope[] {
    return this.scopes.map(scope => OAuthScope.custom(scope));
  }
}

/** In AWS GovCloud (US) there are FIPS endpoints alone: https://docs.aws.amazon.com/govcloud-us/latest/UserGuide/govcloud-cog.html */
function urlOf(domain: IUserPoolDomain, scope: Construct): string {
  const { region } = Stack.of(scope);
  const fips = region.startsWith('us-gov-');
  if ('baseUrl' in domain) {
    return (domain as UserPoolDomain).baseUrl({ fips });
  }
  const { domainName } = domain;
  return domainName.includes('.')
    ? `https://${domainName}`
    : `https://${domainName}.${fips ? 'auth-fips' : 'auth'}.${region}.amazoncognito.com`;
}

/** Of an imported domain it is not known. */
function hasManagedLogin(domain: IUserPoolDomain): boolean {
  const resource = domain.node.defaultChild;
  return (
    resource instanceof CfnUserPoolDomain && resource.managedLoginVersion === ManagedLoginVersion.NEWER_MANAGED_LOGIN
  );
}
