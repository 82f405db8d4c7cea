import { Stack, Token } from 'aws-cdk-lib';
import { CfnUserPoolDomain } from 'aws-cdk-lib/aws-cognito';
import type { Construct } from 'constructs';
import type { CognitoAuthOptions } from '../../auth/cognito-auth-options';
import { secondsOf } from '../common/cdk-kinds';
import { described } from '../common/kinds';
import { callbackUrlsOf } from './host-callbacks';
import { LOOPBACK_HOST, jwtLimitProblems } from './jwt-problems';

/** https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_CreateUserPoolDomain.html */
const DOMAIN_PREFIX = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
const RESERVED_WORD = /aws|amazon|cognito/;

/** https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_ResourceServerScopeType.html */
const SCOPE_NAME = /^[\x21\x23-\x2E\x30-\x5B\x5D-\x7E]+$/;
const IDENTIFIER = /^[\x21\x23-\x5B\x5D-\x7E]{1,256}$/;
const LONGEST_DESCRIPTION = 256;

/** 50 for a client, one of which is `openid`. */
const MOST_SCOPES = 49;

/** Of a scope, with its identifier, in CreateAgentRuntime. */
const LONGEST_SCOPE = 255;

/** Characters of all scopes, for the environment of the function that tells them: 4 KB. */
const LONGEST_SCOPES = 2500;

/** https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_CreateUserPoolClient.html */
const MOST_CALLBACKS = 100;
const LONGEST_CALLBACK = 1024;

/** The same operation: of each validity, the unit that it is told in, the least and the most. */
const VALIDITIES = [
  ['accessTokenValidity', 'minutes', 5, 1440],
  ['refreshTokenValidity', 'minutes', 60, 5_256_000],
  ['refreshTokenRotationGracePeriod', 'seconds', 0, 60],
] as const;

const LOWEST_PORT = 1024;
const HIGHEST_PORT = 65_535;

/** What Amazon Cognito or AgentCore Runtime would refuse in these options, and those that contradict each other. */
export function cognitoProblems(scope: Construct, options: CognitoAuthOptions): string[] {
  return [
    ...poolProblems(scope, options),
    ...domainPrefixProblems(options.domainPrefix),
    ...scopeProblems(options),
    ...callbackProblems(options),
    ...validityProblems(options),
    ...jwtLimitProblems({ allowedAudiences: options.allowedAudiences, customClaims: options.customClaims }),
    ...(options.machineClient === true && options.allowedAudiences !== undefined
      ? [
          '`machineClient` is true, and `allowedAudiences` is given; tokens of machines have no audience, so none would be taken: leave one of them out',
        ]
      : []),
  ];
}

function poolProblems(scope: Construct, options: CognitoAuthOptions): string[] {
  const { userPool, domain, domainPrefix, removalPolicy } = options;
  const problems: string[] = [];
  if (domain !== undefined && domainPrefix !== undefined) {
    problems.push('`domain` and `domainPrefix` are given, which say the same: leave one of them out');
  }
  if (userPool === undefined) {
    return domain === undefined
      ? problems
      : [...problems, '`domain` is given without `userPool`, whose domain it is: give the user pool, too'];
  }
  if (removalPolicy !== undefined) {
    problems.push(
      `\`removalPolicy\` is ${JSON.stringify(removalPolicy)}, and \`userPool\` is given; it is for a user pool that is made here: ` +
        'set it on your own with `applyRemovalPolicy()`',
    );
  }
  const { region } = Stack.of(scope);
  if (!Token.isUnresolved(region) && !Token.isUnresolved(userPool.env.region) && userPool.env.region !== region) {
    problems.push(
      `\`userPool\` is of the Region ${userPool.env.region}, and the server of ${region}; a user pool of the same Region is allowed, ` +
        'since clients are made in it: use `McpAuth.jwt(...)` with clients of that Region',
    );
  }
  const ownDomain = userPool.node.findAll().find(child => child instanceof CfnUserPoolDomain);
  if (domain === undefined && ownDomain !== undefined) {
    problems.push(`\`userPool\` has a domain, ${ownDomain.node.path}; a user pool has one: give it as \`domain\``);
  }
  if (domain !== undefined && !('baseUrl' in domain) && Token.isUnresolved(domain.domainName)) {
    problems.push(
      '`domain` is imported by an unresolved token, so that it is not known whether it is a custom domain: give a name that is known at synthesis',
    );
  }
  return problems;
}

function domainPrefixProblems(prefix: string | undefined): string[] {
  if (prefix === undefined || Token.isUnresolved(prefix)) {
    return [];
  }
  const reserved = RESERVED_WORD.exec(prefix)?.[0];
  return DOMAIN_PREFIX.test(prefix) && reserved === undefined
    ? []
    : [
        `\`domainPrefix\` is ${described(prefix)}; 1 to 63 lower-case letters, digits and hyphens are allowed, without \`aws\`, \`amazon\` and \`cognito\`: ` +
          (reserved === undefined ? 'rename it, or leave it out to have one generated' : `leave out \`${reserved}\``),
      ];
}

function scopeProblems(options: CognitoAuthOptions): string[] {
  const { scopes, resourceServerIdentifier: identifier = '', publishMetadata = true } = options;
  const entries = Object.entries(scopes ?? {});
  const problems: string[] = [];
  if (scopes !== undefined && (entries.length === 0 || entries.length > MOST_SCOPES)) {
    problems.push(
      `\`scopes\` has ${entries.length} names; 1 to ${MOST_SCOPES} are allowed: ${entries.length === 0 ? 'leave it out instead' : 'use fewer'}`,
    );
  }
  if (identifier !== '' && !Token.isUnresolved(identifier) && !IDENTIFIER.test(identifier)) {
    problems.push(
      `\`resourceServerIdentifier\` is ${described(identifier)}; 1 to 256 characters without spaces, quotes and backslashes are allowed: rename it`,
    );
  }
  const characters = entries.reduce((sum, [name]) => sum + identifier.length + 1 + name.length, 0);
  if (publishMetadata && characters > LONGEST_SCOPES) {
    problems.push(
      `\`scopes\` have ${characters} characters with their identifiers; ${LONGEST_SCOPES} are allowed where the metadata are published: ` +
        'shorten `resourceServerIdentifier`, or set `publishMetadata` to false',
    );
  }
  return [
    ...problems,
    ...entries.flatMap(([name, description]) => [
      ...(SCOPE_NAME.test(name) && identifier.length + 1 + name.length <= LONGEST_SCOPE
        ? []
        : [
            `\`scopes\` has the name ${described(name)}; characters without spaces, quotes, slashes and backslashes are allowed, ` +
              `${LONGEST_SCOPE} at most together with the identifier and a slash: rename it`,
          ]),
      ...(description.length >= 1 && description.length <= LONGEST_DESCRIPTION
        ? []
        : [
            `\`scopes\` describes ${described(name)} with ${description.length} characters; 1 to ${LONGEST_DESCRIPTION} are allowed: ` +
              'say in a sentence what it allows',
          ]),
    ]),
  ];
}

/** What the L2 refuses, too, without the name of the option where a duration cannot be converted. */
function validityProblems(options: CognitoAuthOptions): string[] {
  return VALIDITIES.flatMap(([name, unit, least, most]) => {
    const given = options[name];
    if (given === undefined) {
      return [];
    }
    const amount = given.isUnresolved() ? NaN : secondsOf(given) / (unit === 'minutes' ? 60 : 1);
    return Number.isInteger(amount) && amount >= least && amount <= most
      ? []
      : [
          `\`${name}\` is ${given.isUnresolved() ? 'an unresolved token' : `${amount} ${unit}`}; whole ${unit} from ${least} to ${most} are allowed: choose some that are known at synthesis`,
        ];
  });
}

function callbackProblems(options: CognitoAuthOptions): string[] {
  const { callbackUrls = [], callbackPort } = options;
  if (callbackPort !== undefined && (callbackPort < LOWEST_PORT || callbackPort > HIGHEST_PORT)) {
    return [
      `\`callbackPort\` is ${Token.isUnresolved(callbackPort) ? 'an unresolved token' : callbackPort}; ${LOWEST_PORT} to ${HIGHEST_PORT} are allowed: take one that is free on the machines of your users`,
    ];
  }
  const all = callbackUrlsOf(options);
  return [
    ...(all.length === 0 ? ['`hosts` is empty and `callbackUrls` names none; nobody could sign in: name a host'] : []),
    ...(all.length > MOST_CALLBACKS
      ? [
          `\`callbackUrls\` and those of \`hosts\` are ${all.length}; ${MOST_CALLBACKS} are allowed: narrow \`hosts\` to those that you use`,
        ]
      : []),
    ...callbackUrls.filter(url => !Token.isUnresolved(url)).flatMap(callbackUrlProblems),
  ];
}

function callbackUrlProblems(url: string): string[] {
  const got = `\`callbackUrls\` has ${described(url)}; `;
  if (!URL.canParse(url) || url.length > LONGEST_CALLBACK || url.includes('#')) {
    return [
      `${got}a URL of ${LONGEST_CALLBACK} characters at most, without a fragment, is allowed: take the one of the host`,
    ];
  }
  const { protocol, hostname } = new URL(url);
  if (protocol === 'http:' && !LOOPBACK_HOST.test(hostname)) {
    return [`${got}HTTPS is allowed, and HTTP on this machine alone: codes would be seen on the way`];
  }
  return /^(javascript|data|file|blob|about):$/.test(protocol)
    ? [`${got}HTTPS, and a scheme that belongs to the host, are allowed: take the one of the host`]
    : [];
}
