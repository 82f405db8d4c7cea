import { pathToFileURL } from 'node:url';
import { Duration, RemovalPolicy, SecretValue, type Stack } from 'aws-cdk-lib';
import {
  AgentRuntimeArtifact,
  RuntimeAuthorizerConfiguration,
  RuntimeNetworkConfiguration,
} from 'aws-cdk-lib/aws-bedrockagentcore';
import { BaseImage, McpAuth, McpServerCode, Packaging } from '../../../lib';
import { greetingServer, GREETING_SERVER, unbundledStack } from '../fixtures/stacks';

/** A value of each kind; each prop gets all of them that it does not take. */
export const VALUES = {
  null: null,
  text: 'zip',
  number: 900,
  flag: true,
  list: ['a'],
  'list of undefined': [undefined],
  'list of numbers': [1],
  object: { a: 'b' },
  'map of undefined': { A: undefined },
  'map of numbers': { A: 1 },
  function: () => undefined,
  class: Packaging,
  duration: Duration.minutes(15),
  secret: SecretValue.secretsManager('key'),
  'file URL': pathToFileURL(GREETING_SERVER),
  URL: new URL('https://example.com/server.ts'),
  'authorizer of the L2': RuntimeAuthorizerConfiguration.usingIAM(),
  'network of the L2': RuntimeNetworkConfiguration.usingPublicNetwork(),
  'artifact of the L2': AgentRuntimeArtifact.fromImageUri('123456789012.dkr.ecr.eu-west-1.amazonaws.com/a:v1'),
  auth: McpAuth.iam(),
  code: McpServerCode.fromImageUri('public.ecr.aws/a/b:v1'),
  packaging: Packaging.zip(),
  'base image': BaseImage.fromRegistry('node:24'),
  'removal policy': RemovalPolicy.DESTROY,
} as const;

export type ValueName = keyof typeof VALUES;

export const server =
  (stack: Stack) =>
  (props: object): unknown =>
    greetingServer(stack, props);
export const bound = (code: McpServerCode) => greetingServer(unbundledStack(), { code });
export const packaged = (packaging: Packaging): unknown =>
  bound(McpServerCode.fromTypeScript(GREETING_SERVER, { packaging }));

export type Given = Record<string, never>;
