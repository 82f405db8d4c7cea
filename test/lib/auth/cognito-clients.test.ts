import { Duration } from 'aws-cdk-lib';
import { UserPoolClientIdentityProvider } from 'aws-cdk-lib/aws-cognito';
import { McpHost, type CognitoAuthOptions } from '../../../lib';
import { clientsOf, stackWith } from './cognito-stacks';

describe('the client for people', () => {
  test('has no secret, the code flow alone, and refresh tokens that rotate', () => {
    const { template } = stackWith();
    expect(clientsOf(template)).toEqual([
      expect.objectContaining({
        GenerateSecret: false,
        AllowedOAuthFlows: ['code'],
        AllowedOAuthFlowsUserPoolClient: true,
        // Rotation excludes ALLOW_REFRESH_TOKEN_AUTH, which Cognito adds where there are no flows.
        ExplicitAuthFlows: ['ALLOW_USER_AUTH'],
        RefreshTokenRotation: { Feature: 'ENABLED', RetryGracePeriodSeconds: 60 },
        EnableTokenRevocation: true,
        PreventUserExistenceErrors: 'ENABLED',
        AllowedOAuthScopes: ['openid', expect.stringMatching(/^Stack-Server-[0-9A-F]{8}\/invoke$/)],
      }),
    ]);
  });

  test('has the callback URLs of all hosts, exactly', () => {
    const [client] = clientsOf(stackWith().template);
    expect(client?.CallbackURLs).toEqual([
      'http://localhost:3118/callback',
      'http://127.0.0.1:3118/callback',
      'https://claude.ai/api/mcp/auth_callback',
      'https://claude.com/api/mcp/auth_callback',
      'cursor://anysphere.cursor-mcp/oauth/callback',
      'https://vscode.dev/redirect',
      'https://insiders.vscode.dev/redirect',
      'http://127.0.0.1:33418',
      'http://127.0.0.1:33418/',
      'http://localhost:3118/oauth/callback',
      'http://127.0.0.1:3118/oauth/callback',
      'http://localhost:6274/oauth/callback',
      'http://127.0.0.1:6276/oauth/callback',
      'https://chatgpt.com/connector_platform_oauth_redirect',
    ]);
  });

  test.each<[CognitoAuthOptions, string[]]>([
    [
      { hosts: [McpHost.CLAUDE_CODE], callbackPort: 4567 },
      ['http://localhost:4567/callback', 'http://127.0.0.1:4567/callback'],
    ],
    [
      { hosts: [McpHost.KIRO], callbackPort: 1024 },
      [
        'http://localhost:1024/callback',
        'http://127.0.0.1:1024/callback',
        'http://localhost:1024/oauth/callback',
        'http://127.0.0.1:1024/oauth/callback',
      ],
    ],
    [
      { hosts: [McpHost.GEMINI_CLI], callbackPort: 1024 },
      ['http://localhost:1024/oauth/callback', 'http://127.0.0.1:1024/oauth/callback'],
    ],
    [{ hosts: [McpHost.CURSOR] }, ['cursor://anysphere.cursor-mcp/oauth/callback']],
    [
      { hosts: [], callbackUrls: ['https://chatgpt.com/connector/oauth/abc', 'http://[::1]:1/a', 'goose://oauth'] },
      ['https://chatgpt.com/connector/oauth/abc', 'http://[::1]:1/a', 'goose://oauth'],
    ],
    [
      { hosts: [McpHost.CURSOR], callbackUrls: ['cursor://anysphere.cursor-mcp/oauth/callback'] },
      ['cursor://anysphere.cursor-mcp/oauth/callback'],
    ],
  ])('has those of %j alone', (options, urls) => {
    expect(clientsOf(stackWith(options).template)[0]?.CallbackURLs).toEqual(urls);
  });

  test('takes its times and identity providers', () => {
    expect(
      clientsOf(
        stackWith({
          accessTokenValidity: Duration.minutes(5),
          refreshTokenValidity: Duration.days(1),
          refreshTokenRotationGracePeriod: Duration.seconds(0),
          identityProviders: [UserPoolClientIdentityProvider.custom('Company')],
        }).template,
      ),
    ).toEqual([
      expect.objectContaining({
        AccessTokenValidity: 5,
        RefreshTokenValidity: 1440,
        RefreshTokenRotation: { Feature: 'ENABLED', RetryGracePeriodSeconds: 0 },
        SupportedIdentityProviders: ['Company'],
      }),
    ]);
  });
});

test('the client for machines has a secret and client credentials alone, and nobody signs in by it', () => {
  const { template, auth, stack } = stackWith({ machineClient: true });
  expect(clientsOf(template)).toContainEqual(
    expect.objectContaining({
      GenerateSecret: true,
      AllowedOAuthFlows: ['client_credentials'],
      ExplicitAuthFlows: ['ALLOW_REFRESH_TOKEN_AUTH'],
      AllowedOAuthScopes: auth.scopes,
    }),
  );
  expect(clientsOf(template)).toHaveLength(2);
  expect(stack.resolve(auth.tokenEndpoint)).toEqual(stack.resolve(`${auth.domainUrl}/oauth2/token`));
  expect(stackWith().auth.machineClient).toBeUndefined();
});
