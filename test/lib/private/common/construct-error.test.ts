import { App, Stack } from 'aws-cdk-lib';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import { McpAuth, McpRelease, McpServerCode, StatefulMcpServer, type StatefulMcpServerProps } from '../../../../lib';
import { errorOf } from '../../fixtures/stacks';

const IMAGE = '123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/server:v1';

/** A server with a value that the CDK looks up, of which it knows nothing the first time. */
function looksUp(propsOf: (value: string) => Partial<StatefulMcpServerProps>, value?: string): App {
  const app = new App();
  const stack = new Stack(app, 'Stack', { env: { account: '123456789012', region: 'eu-west-1' } });
  const props = propsOf(StringParameter.valueFromLookup(stack, '/server/value', value));
  new StatefulMcpServer(stack, 'Server', { code: McpServerCode.fromImageUri(IMAGE), ...props });
  return app;
}

test.each<[string, (value: string) => Partial<StatefulMcpServerProps>, string]>([
  ['uri', value => ({ code: McpServerCode.fromImageUri(value) }), IMAGE],
  ['runtimeName', value => ({ runtimeName: value }), 'name'],
  [
    'discoveryUrl',
    value => ({
      auth: McpAuth.jwt({ discoveryUrl: value, allowedClients: ['a', 'b'] }),
      release: McpRelease.direct(),
    }),
    'https://issuer.example/.well-known/openid-configuration',
  ],
])('`%s` that is looked up has to be allowed before it is, and the error says how', (prop, propsOf, value) => {
  expect(errorOf(() => looksUp(propsOf))).toMatch(
    new RegExp(`\`${prop}\` is "dummy-value-for-.*give \`StringParameter.valueFromLookup\` a value that is allowed`),
  );
  expect(looksUp(propsOf, value).synth().manifest.missing).toHaveLength(1);
});
