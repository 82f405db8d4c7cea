import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import vm from 'node:vm';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { McpAuth, type CognitoAuthOptions } from '../../../../lib';
import { greetingServer, propertiesOf, unbundledStack } from '../../fixtures/stacks';

const FUNCTION = 'AWS::Lambda::Function';

interface Answer {
  readonly statusCode: number;
  readonly headers: Record<string, string>;
  readonly body: string;
}

interface FunctionProperties {
  readonly Code: { readonly ZipFile: string };
  readonly Environment: { readonly Variables: { readonly DOCUMENT: { 'Fn::Sub': string } } };
}

/** The document that the function of the template answers, with references as `<...>`. */
async function answerOf(options?: CognitoAuthOptions): Promise<Answer> {
  const stack = unbundledStack();
  greetingServer(stack, { auth: McpAuth.cognito({ domainPrefix: 'people', ...options }) });
  const { Code, Environment } = propertiesOf(stack, FUNCTION) as unknown as FunctionProperties;
  const document = Environment.Variables.DOCUMENT['Fn::Sub'].replace(/\$\{(.*?)\}/g, (_, reference: string) =>
    nameOf(reference),
  );
  const exported: { handler?: () => Promise<Answer> } = {};
  vm.runInNewContext(Code.ZipFile, { exports: exported, process: { env: { DOCUMENT: document } } });
  return (exported.handler as () => Promise<Answer>)();
}

/** The domain is named by its prefix, the API has an address, and the Region is one. */
function nameOf(reference: string): string {
  if (reference.endsWith('.ApiEndpoint')) {
    return 'https://api.example.com';
  }
  return reference === 'AWS::Region' ? 'eu-west-1' : 'people';
}

test('the document says that Cognito knows PKCE, and where its endpoints are', async () => {
  const { statusCode, headers, body } = await answerOf({ resourceServerIdentifier: 'expenses' });
  expect(statusCode).toBe(200);
  expect({ ...headers }).toMatchObject({ 'content-type': 'application/json', 'x-content-type-options': 'nosniff' });
  expect(JSON.parse(body)).toEqual({
    issuer: 'https://api.example.com',
    authorization_endpoint: 'https://people.auth.eu-west-1.amazoncognito.com/oauth2/authorize',
    token_endpoint: 'https://people.auth.eu-west-1.amazoncognito.com/oauth2/token',
    revocation_endpoint: 'https://people.auth.eu-west-1.amazoncognito.com/oauth2/revoke',
    response_types_supported: ['code'],
    response_modes_supported: ['query'],
    grant_types_supported: ['authorization_code', 'refresh_token'],
    code_challenge_methods_supported: ['S256'],
    token_endpoint_auth_methods_supported: ['none'],
    revocation_endpoint_auth_methods_supported: ['none'],
    scopes_supported: ['expenses/invoke'],
  });
});

test('it promises what machines need where there is a client for them', async () => {
  expect(JSON.parse((await answerOf({ machineClient: true })).body)).toMatchObject({
    grant_types_supported: ['authorization_code', 'refresh_token', 'client_credentials'],
    token_endpoint_auth_methods_supported: ['none', 'client_secret_basic', 'client_secret_post'],
  });
});

test('a client of the MCP SDK finds it by its issuer, and takes it', async () => {
  const { headers, body } = await answerOf();
  const server = createServer((request, response) => {
    const isDocument = request.url === '/.well-known/oauth-authorization-server';
    const issuer = `http://${request.headers.host}`;
    response.writeHead(isDocument ? 200 : 404, headers);
    response.end(isDocument ? body.replace('https://api.example.com', issuer) : '');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const { discoverAuthorizationServerMetadata, startAuthorization } =
      await import('@modelcontextprotocol/sdk/client/auth.js');
    const metadata = await discoverAuthorizationServerMetadata(issuer);
    expect(metadata?.issuer).toBe(issuer);
    const { authorizationUrl } = await startAuthorization(issuer, {
      metadata,
      clientInformation: { client_id: 'client' },
      redirectUrl: 'http://localhost:3118/callback',
      scope: 'expenses/invoke',
    });
    expect(`${authorizationUrl.origin}${authorizationUrl.pathname}`).toBe(
      'https://people.auth.eu-west-1.amazoncognito.com/oauth2/authorize',
    );
    expect(authorizationUrl.searchParams.get('code_challenge_method')).toBe('S256');
  } finally {
    server.close();
  }
});

test('it is the only thing that the API answers, for ten requests in a second', () => {
  const stack = unbundledStack();
  greetingServer(stack, { auth: McpAuth.cognito() });
  const template = Template.fromStack(stack);
  template.resourceCountIs('AWS::ApiGatewayV2::Route', 1);
  template.hasResourceProperties('AWS::ApiGatewayV2::Route', {
    RouteKey: 'GET /.well-known/oauth-authorization-server',
    AuthorizationType: 'NONE',
  });
  template.hasResourceProperties('AWS::ApiGatewayV2::Stage', {
    StageName: '$default',
    DefaultRouteSettings: { ThrottlingRateLimit: 10, ThrottlingBurstLimit: 20 },
  });
  template.hasResourceProperties('AWS::Lambda::Permission', {
    Principal: 'apigateway.amazonaws.com',
    SourceArn: Match.anyValue(),
  });
  template.resourceCountIs('AWS::Lambda::Permission', 1);
});

test('nothing is published where that is not wanted', () => {
  const stack = unbundledStack();
  const auth = McpAuth.cognito({ publishMetadata: false });
  greetingServer(stack, { auth });
  expect(auth.metadataUrl).toBeUndefined();
  for (const type of ['AWS::ApiGatewayV2::Api', FUNCTION]) {
    Template.fromStack(stack).resourceCountIs(type, 0);
  }
});
