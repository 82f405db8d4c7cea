import { App, CfnParameter, Duration, Lazy, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { RuntimeCustomClaim } from 'aws-cdk-lib/aws-bedrockagentcore';
import { UserPool, UserPoolDomain } from 'aws-cdk-lib/aws-cognito';
import { McpAuth, type CognitoAuthOptions } from '../../../lib';
import { errorOf, greetingServer, unbundledStack } from '../fixtures/stacks';
import { stackWith } from './cognito-stacks';

const problemsWith = (options: CognitoAuthOptions): string => errorOf(() => stackWith(options));

describe('options that contradict each other or a limit', () => {
  test.each<[string, CognitoAuthOptions, string]>([
    [
      'a prefix with capitals',
      { domainPrefix: 'Expenses' },
      '`domainPrefix` is "Expenses"; 1 to 63 lower-case letters',
    ],
    ['a prefix with a hyphen first', { domainPrefix: '-a' }, '`domainPrefix` is "-a"; 1 to 63'],
    ['a long prefix', { domainPrefix: 'a'.repeat(64) }, '`domainPrefix` is "aaa'],
    ['an empty prefix', { domainPrefix: '' }, '`domainPrefix` is ""; 1 to 63'],
    ['a reserved word', { domainPrefix: 'my-cognito-pool' }, ': leave out `cognito`'],
    ['a reserved word in another', { domainPrefix: 'lawsuits' }, ': leave out `aws`'],
    ['no scopes', { scopes: {} }, '`scopes` has 0 names; 1 to 49 are allowed: leave it out instead'],
    [
      'many scopes',
      { scopes: Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`s${index}`, 'Scope'])) },
      '`scopes` has 50 names; 1 to 49 are allowed: use fewer',
    ],
    ['a slash in a scope', { scopes: { 'a/b': 'A' } }, '`scopes` has the name "a/b"; characters without'],
    ['a space in a scope', { scopes: { 'a b': 'A' } }, '`scopes` has the name "a b"; characters without'],
    ['a long scope', { scopes: { ['a'.repeat(250)]: 'A' } }, '255 at most together with the identifier'],
    ['no description', { scopes: { a: '' } }, '`scopes` describes "a" with 0 characters; 1 to 256 are allowed'],
    ['a long description', { scopes: { a: 'd'.repeat(257) } }, '`scopes` describes "a" with 257 characters'],
    [
      'scopes that are too long to be told',
      { scopes: Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`${index}${'s'.repeat(150)}`, 'A'])) },
      '2500 are allowed where the metadata are published',
    ],
    [
      'an identifier with a space',
      { resourceServerIdentifier: 'my server' },
      '`resourceServerIdentifier` is "my server"; 1 to 256 characters',
    ],
    [
      'an identifier without characters',
      { resourceServerIdentifier: '' },
      '`resourceServerIdentifier` is ""; a string that is not empty is allowed',
    ],
    ['a low port', { callbackPort: 80 }, '`callbackPort` is 80; 1024 to 65535 are allowed'],
    ['a high port', { callbackPort: 65_536 }, '`callbackPort` is 65536; 1024 to 65535 are allowed'],
    [
      'a port that is a token',
      { callbackPort: Lazy.number({ produce: () => 9000 }) },
      '`callbackPort` is an unresolved token; 1024 to 65535 are allowed',
    ],
    [
      'access for half a minute',
      { accessTokenValidity: Duration.seconds(330) },
      '`accessTokenValidity` is 5.5 minutes; whole minutes from 5 to 1440 are allowed',
    ],
    [
      'access for a time that is a token',
      { accessTokenValidity: Duration.minutes(Lazy.number({ produce: () => 5 })) },
      '`accessTokenValidity` is an unresolved token; whole minutes from 5 to 1440 are allowed: choose some that are known',
    ],
    [
      'a sign-in for half an hour',
      { refreshTokenValidity: Duration.minutes(30) },
      '`refreshTokenValidity` is 30 minutes; whole minutes from 60 to 5256000 are allowed',
    ],
    [
      'a grace of a part of a second',
      { refreshTokenRotationGracePeriod: Duration.millis(1500) },
      '`refreshTokenRotationGracePeriod` is 1.5 seconds; whole seconds from 0 to 60 are allowed',
    ],
    ['no hosts', { hosts: [] }, '`hosts` is empty and `callbackUrls` names none; nobody could sign in'],
    [
      'many callbacks',
      { callbackUrls: Array.from({ length: 87 }, (_, index) => `https://a.b/${index}`) },
      '`callbackUrls` and those of `hosts` are 101; 100 are allowed',
    ],
    ['no URL', { callbackUrls: ['localhost/callback'] }, '`callbackUrls` has "localhost/callback"; a URL of 1024'],
    ['a fragment', { callbackUrls: ['https://a.b/#c'] }, 'without a fragment'],
    ['a long URL', { callbackUrls: [`https://a.b/${'c'.repeat(1024)}`] }, 'a URL of 1024 characters at most'],
    ['HTTP', { callbackUrls: ['http://example.com/callback'] }, 'HTTPS is allowed, and HTTP on this machine alone'],
    ['a script', { callbackUrls: ['javascript:alert(1)'] }, 'a scheme that belongs to the host'],
    [
      'an audience for machines',
      { machineClient: true, allowedAudiences: ['https://a.b'] },
      '`machineClient` is true, and `allowedAudiences` is given; tokens of machines have no audience',
    ],
    ['no audience', { allowedAudiences: [] }, '`allowedAudiences` is empty'],
    [
      'a claim that is none',
      { customClaims: [RuntimeCustomClaim.withStringValue('a b', 'c')] },
      '`customClaims` has the name "a b"',
    ],
  ])('are refused: %s', (_, options, message) => {
    expect(problemsWith(options)).toContain(message);
  });

  test('are refused: those of a pool that is given', () => {
    const stack = unbundledStack();
    const userPool = new UserPool(stack, 'People');
    const domain = userPool.addDomain('Domain', { cognitoDomain: { domainPrefix: 'people' } });
    const message = (options: CognitoAuthOptions): string =>
      errorOf(() =>
        greetingServer(new Stack(stack, `S${stack.node.children.length}`), { auth: McpAuth.cognito(options) }),
      );
    expect(message({ userPool })).toContain('`userPool` has a domain, Stack/People/Domain/Resource');
    expect(message({ domain })).toContain('`domain` is given without `userPool`');
    expect(message({ userPool, domain, domainPrefix: 'a' })).toContain('`domain` and `domainPrefix` are given');
    expect(message({ userPool, domain, removalPolicy: RemovalPolicy.DESTROY })).toContain(
      '`removalPolicy` is "destroy", and `userPool` is given',
    );
    const name = new CfnParameter(stack, 'Name').valueAsString;
    expect(message({ userPool, domain: UserPoolDomain.fromDomainName(stack, 'Imported', name) })).toContain(
      '`domain` is imported by an unresolved token',
    );
  });

  test('are refused: a pool of another Region', () => {
    const app = new App({ context: { 'aws:cdk:bundling-stacks': [] } });
    const people = new Stack(app, 'People', { env: { account: '123456789012', region: 'eu-west-1' } });
    const userPool = new UserPool(people, 'People');
    const stack = new Stack(app, 'Stack', { env: { account: '123456789012', region: 'us-east-1' } });
    expect(errorOf(() => greetingServer(stack, { auth: McpAuth.cognito({ userPool }) }))).toContain(
      '`userPool` is of the Region eu-west-1, and the server of us-east-1',
    );
  });
});
