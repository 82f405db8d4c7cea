import { readFileSync } from 'node:fs';
import path from 'node:path';
import { App, Duration, Stack, type CfnResource, type Stage } from 'aws-cdk-lib';
import { Repository } from 'aws-cdk-lib/aws-ecr';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import * as cxapi from 'aws-cdk-lib/cx-api';
import { ExpenseTrackerStack } from '../../bin/expense-tracker-stack';
import { McpAuth, McpRelease, McpReleaseCaller, McpServerCode, Packaging, StatefulMcpServer } from '../../lib';
import { FullyEquippedStack } from '../../samples/fully-equipped/stack';
import { errorOf, GREETING_SERVER } from './fixtures/stacks';

// The other test files go without; see setup.ts.
process.env.CDK_VALIDATION = 'true';

const { context } = JSON.parse(readFileSync(path.join(__dirname, '..', '..', 'cdk.json'), 'utf8')) as {
  context: Record<string, unknown>;
};

/** The demo app as `cdk synth` sees it: bundled, and held against CloudFormation's schemas with warnings as errors. */
function demoApp(change: (runtime: CfnResource) => void = () => undefined): Stage {
  const app = new App({ context });
  const stack = new ExpenseTrackerStack(app, 'ExpenseTracker');
  change(stack.node.findChild('Server').node.defaultChild as CfnResource);
  return app;
}

/**
 * aws-cdk-lib validates templates from 2.262 on, and lets its information be acknowledged; the oldest that we support
 * is older.
 */
const VALIDATES = 'STRICT_CFN_VALIDATE_ERRORS' in cxapi;

function unexpected(messages: readonly cxapi.SynthesisMessage[]): cxapi.SynthesisMessage[] {
  return messages.filter(({ level }) => VALIDATES || level !== cxapi.SynthesisMessageLevel.INFO);
}

test('the demo app is synthesized without an account, and without a message', () => {
  const stack = demoApp().synth().getStackByName('ExpenseTracker');
  expect(stack.environment).toMatchObject({ account: 'unknown-account', region: 'unknown-region' });
  expect(unexpected(stack.messages)).toEqual([]);
});

/** A server of each kind that the demo app has not. */
function otherServers(): Stack {
  const stack = new Stack(new App({ context }), 'Servers');
  const repository = Repository.fromRepositoryName(stack, 'Images', 'team/server');
  const kinds = {
    Zip: McpServerCode.fromTypeScript(GREETING_SERVER, { packaging: Packaging.zip() }),
    Dockerfile: McpServerCode.fromDockerfile(path.join(__dirname, 'fixtures', 'docker-server')),
    Repository: McpServerCode.fromEcrRepository(repository, 'v1'),
    Uri: McpServerCode.fromImageUri('123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/server:v1'),
    PublicUri: McpServerCode.fromImageUri('public.ecr.aws/team/server:v1'),
  };
  for (const [id, code] of Object.entries(kinds)) {
    new StatefulMcpServer(stack, id, { code });
  }
  const discoveryUrl = 'https://login.example.com/.well-known/openid-configuration';
  const secret = Secret.fromSecretNameV2(stack, 'Agent', 'agent');
  const agent = McpReleaseCaller.clientCredentials({ clientId: 'agent', secret, scopes: ['invoke'] });
  const withTokens = {
    Tokens: {
      auth: McpAuth.jwt({ discoveryUrl, allowedClients: ['agent'] }),
      release: McpRelease.verified({ callers: [agent], watch: Duration.hours(1), candidate: true }),
    },
    Cognito: { auth: McpAuth.cognito({ machineClient: true }) },
  };
  for (const [id, props] of Object.entries(withTokens)) {
    new StatefulMcpServer(stack, id, { code: kinds.Zip, ...props, forwardHeaders: ['Authorization'] });
  }
  return stack;
}

test('servers of the other kinds are synthesized without a message', () => {
  const { messages } = (otherServers().node.root as App).synth().getStackByName('Servers');
  expect(unexpected(messages)).toEqual([]);
});

test('the fully equipped server is synthesized without a message', () => {
  const app = new App({ context });
  new FullyEquippedStack(app, 'FullyEquipped');
  expect(unexpected(app.synth().getStackByName('FullyEquipped').messages)).toEqual([]);
});

if (VALIDATES) {
  describe('this would not have passed', () => {
    test('with a property that CloudFormation does not know', () => {
      expect(errorOf(() => demoApp(runtime => runtime.addPropertyOverride('IdleTimeout', 900)).synth())).toContain(
        'IdleTimeout',
      );
    });

    test('with a value out of its range', () => {
      expect(
        errorOf(() =>
          demoApp(runtime => runtime.addPropertyOverride('NetworkConfiguration.NetworkMode', 'NOPE')).synth(),
        ),
      ).toContain('NetworkMode');
    });
  });
}
