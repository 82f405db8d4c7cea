import { App, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { ManagedLoginVersion, UserPool, UserPoolDomain } from 'aws-cdk-lib/aws-cognito';
import { McpAuth } from '../../../lib';
import { nagFindings } from '../fixtures/cdk-nag';
import { greetingServer, propertiesOf, unbundledStack } from '../fixtures/stacks';
import { CLIENT, POOL, RUNTIME, stackWith } from './cognito-stacks';

describe('the user pool', () => {
  test('is one whose users an administrator makes, with a second factor, and stays', () => {
    const { template } = stackWith();
    template.hasResource(POOL, {
      DeletionPolicy: 'Retain',
      UpdateReplacePolicy: 'Retain',
      Properties: {
        AdminCreateUserConfig: { AllowAdminCreateUserOnly: true },
        DeletionProtection: 'ACTIVE',
        EnabledMfas: ['SOFTWARE_TOKEN_MFA'],
        MfaConfiguration: 'ON',
        UserPoolTier: 'ESSENTIALS',
        UsernameAttributes: ['email'],
        UsernameConfiguration: { CaseSensitive: false },
        Policies: { PasswordPolicy: { MinimumLength: 12 } },
      },
    });
  });

  test('goes with the stack when that is asked for', () => {
    stackWith({ removalPolicy: RemovalPolicy.DESTROY }).template.hasResource(POOL, {
      DeletionPolicy: 'Delete',
      Properties: { DeletionProtection: 'INACTIVE' },
    });
  });

  test('has a domain with managed login, of a name that Cognito takes', () => {
    const { template } = stackWith();
    template.hasResourceProperties('AWS::Cognito::UserPoolDomain', {
      ManagedLoginVersion: 2,
      Domain: { 'Fn::Sub': Match.stringLikeRegexp('^mcp-[0-9a-f]{12}-\\$\\{AWS::AccountId\\}$') },
    });
    template.hasResourceProperties('AWS::Cognito::ManagedLoginBranding', { UseCognitoProvidedValues: true });
  });

  test('has the domain that is asked for', () => {
    stackWith({ domainPrefix: 'expenses-example' }).template.hasResourceProperties('AWS::Cognito::UserPoolDomain', {
      Domain: 'expenses-example',
    });
  });

  test('can be another one, with or without a domain', () => {
    const stack = unbundledStack();
    const userPool = new UserPool(stack, 'People');
    greetingServer(stack, { auth: McpAuth.cognito({ userPool }) });
    const template = Template.fromStack(stack);
    template.resourceCountIs(POOL, 1);
    template.hasResourceProperties('AWS::Cognito::UserPoolDomain', {
      UserPoolId: stack.resolve(userPool.userPoolId) as object,
    });
    template.hasResourceProperties(CLIENT, { UserPoolId: stack.resolve(userPool.userPoolId) as object });
    expect(nagFindings(stack.node.findChild('Server'))).toEqual([]);
  });

  test.each([
    [ManagedLoginVersion.NEWER_MANAGED_LOGIN, 1],
    [ManagedLoginVersion.CLASSIC_HOSTED_UI, 0],
    [undefined, 0],
  ])('can bring its domain; a style is made for managed login %p alone', (managedLoginVersion, styles) => {
    const stack = unbundledStack();
    const userPool = new UserPool(stack, 'People');
    const domain = userPool.addDomain('Domain', { cognitoDomain: { domainPrefix: 'people' }, managedLoginVersion });
    const auth = McpAuth.cognito({ userPool, domain });
    greetingServer(stack, { auth });
    const template = Template.fromStack(stack);
    template.resourceCountIs('AWS::Cognito::UserPoolDomain', 1);
    template.resourceCountIs('AWS::Cognito::ManagedLoginBranding', styles);
    expect(stack.resolve(auth.domainUrl)).toEqual(stack.resolve(domain.baseUrl()));
  });

  test.each([
    ['login.example.com', 'https://login.example.com'],
    ['people', { 'Fn::Join': ['', ['https://people.auth.', { Ref: 'AWS::Region' }, '.amazoncognito.com']] }],
  ])('can be imported with its domain %s', (name, url) => {
    const stack = unbundledStack();
    const userPool = UserPool.fromUserPoolId(stack, 'People', 'eu-west-1_abc');
    const auth = McpAuth.cognito({ userPool, domain: UserPoolDomain.fromDomainName(stack, 'Domain', name) });
    greetingServer(stack, { auth });
    expect(stack.resolve(auth.domainUrl)).toEqual(url);
    expect(propertiesOf(stack, RUNTIME)).toMatchObject({
      AuthorizerConfiguration: {
        CustomJWTAuthorizer: {
          DiscoveryUrl: {
            'Fn::Join': [
              '',
              [
                'https://cognito-idp.',
                { Ref: 'AWS::Region' },
                '.amazonaws.com/eu-west-1_abc/.well-known/openid-configuration',
              ],
            ],
          },
        },
      },
    });
  });
});

describe('in AWS GovCloud (US), where Cognito has FIPS endpoints alone', () => {
  const newStack = (): Stack =>
    new Stack(new App({ context: { 'aws:cdk:bundling-stacks': [] } }), 'Stack', { env: { region: 'us-gov-west-1' } });

  test('people sign in at a domain that is made', () => {
    const stack = newStack();
    const auth = McpAuth.cognito();
    greetingServer(stack, { auth });
    expect(JSON.stringify(stack.resolve(auth.tokenEndpoint))).toContain(
      '.auth-fips.us-gov-west-1.amazoncognito.com/oauth2/token',
    );
  });

  test('people sign in at a domain that is imported', () => {
    const stack = newStack();
    const userPool = UserPool.fromUserPoolId(stack, 'People', 'us-gov-west-1_abc');
    const auth = McpAuth.cognito({ userPool, domain: UserPoolDomain.fromDomainName(stack, 'Domain', 'people') });
    greetingServer(stack, { auth });
    expect(auth.domainUrl).toBe('https://people.auth-fips.us-gov-west-1.amazoncognito.com');
  });
});
