import { Duration, Names, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import { CfnRoute, CorsHttpMethod, HttpApi, HttpMethod, HttpStage } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, CfnPermission, Code, Function, Runtime, RuntimeFamily } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { substituted } from '../common/substitution';

/** RFC 8414, section 3.1, for an issuer without a path. */
const PATH = '/.well-known/oauth-authorization-server';

/** The document is known at the deployment; nothing of a request is looked at. */
const HANDLER = `exports.handler = async () => ({
  statusCode: 200,
  headers: {
    'content-type': 'application/json',
    'cache-control': 'public, max-age=3600',
    'x-content-type-options': 'nosniff',
  },
  body: process.env.DOCUMENT,
});`;

/** Requests in a second. A host asks once for each sign-in; above this, API Gateway answers 429 without the function. */
const RATE_LIMIT = 10;
const BURST_LIMIT = 20;

export interface AuthorizationServer {
  /** Where people sign in: the URL of the domain of the user pool. */
  readonly domainUrl: string;
  readonly scopes: readonly string[];
  readonly hasMachineClient: boolean;
}

/**
 * Metadata of an authorization server (RFC 8414) that say what Amazon Cognito can and does not tell: PKCE by S256.
 *
 * The issuer is where the document lies, as RFC 8414 has it. It is no issuer of tokens: those still come from Cognito,
 * name Cognito, and are checked by what Cognito publishes. Hence no keys, no OpenID Connect and no `iss` in responses
 * (RFC 9207) are promised.
 */
export class AuthorizationServerMetadata extends Construct {
  public readonly url: string;

  public constructor(scope: Construct, id: string, props: AuthorizationServer) {
    super(scope, id);

    const api = new HttpApi(this, 'Api', {
      apiName: Names.uniqueResourceName(this, { maxLength: 128, separator: '-' }),
      description: `Metadata of the authorization server of the MCP server ${scope.node.scope?.node.path}`,
      createDefaultStage: false,
      corsPreflight: { allowOrigins: ['*'], allowMethods: [CorsHttpMethod.GET], allowHeaders: ['*'] },
    });
    const stage = new HttpStage(this, 'Stage', {
      httpApi: api,
      autoDeploy: true,
      throttle: { rateLimit: RATE_LIMIT, burstLimit: BURST_LIMIT },
    });
    const routes = api.addRoutes({
      path: PATH,
      methods: [HttpMethod.GET],
      integration: new HttpLambdaIntegration('Document', this.function(documentOf(api.apiEndpoint, props))),
    });
    shortenReferences(api);
    this.url = `${api.apiEndpoint}${PATH}`;

    Validations.of(stage).acknowledge({
      id: 'AwsSolutions-APIG1',
      reason: 'it answers one public document that is the same for all, at most ten times in a second',
    });
    for (const route of routes) {
      Validations.of(route).acknowledge({
        id: 'AwsSolutions-APIG4',
        reason: 'clients read the document to find out how to sign in, so they cannot have signed in',
      });
    }
  }

  private function(document: object): Function {
    const logGroup = new LogGroup(this, 'LogGroup', {
      retention: RetentionDays.ONE_MONTH,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    logGroup.grantWrite(role);
    const handler = new Function(this, 'Function', {
      description: 'Tells MCP hosts how to sign in by Amazon Cognito',
      code: Code.fromInline(HANDLER),
      handler: 'index.handler',
      // The constant would raise the version of the CDK that is needed.
      runtime: new Runtime('nodejs22.x', RuntimeFamily.NODEJS, { supportsInlineCode: true }),
      architecture: Architecture.ARM_64,
      memorySize: 128,
      timeout: Duration.seconds(3),
      role,
      logGroup,
      environment: { DOCUMENT: substituted(Stack.of(this).toJsonString(document)) },
    });
    Validations.of(handler).acknowledge({
      id: 'AwsSolutions-L1',
      reason: 'the handler is tested with the Node.js version that the function names',
    });
    return handler;
  }
}

/** What the CDK joins of many parts. */
function shortenReferences(api: HttpApi): void {
  for (const made of api.node.findAll()) {
    if (made instanceof CfnRoute && made.target !== undefined) {
      made.target = substituted(made.target);
    } else if (made instanceof CfnPermission && made.sourceArn !== undefined) {
      made.sourceArn = substituted(made.sourceArn);
    }
  }
}

function documentOf(issuer: string, { domainUrl, scopes, hasMachineClient }: AuthorizationServer): object {
  const methods = ['none', ...(hasMachineClient ? ['client_secret_basic', 'client_secret_post'] : [])];
  return {
    issuer,
    authorization_endpoint: `${domainUrl}/oauth2/authorize`,
    token_endpoint: `${domainUrl}/oauth2/token`,
    revocation_endpoint: `${domainUrl}/oauth2/revoke`,
    response_types_supported: ['code'],
    response_modes_supported: ['query'],
    grant_types_supported: ['authorization_code', 'refresh_token', ...(hasMachineClient ? ['client_credentials'] : [])],
    code_challenge_methods_supported: ['S256'],
    token_endpoint_auth_methods_supported: methods,
    revocation_endpoint_auth_methods_supported: methods,
    scopes_supported: scopes,
  };
}
