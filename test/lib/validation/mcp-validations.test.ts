import { readFileSync } from 'node:fs';
import path from 'node:path';
import { App, CfnOutput, Fn, NestedStack, Stack, Validations } from 'aws-cdk-lib';
import { RuntimeAuthorizerConfiguration } from 'aws-cdk-lib/aws-bedrockagentcore';
import { Vpc } from 'aws-cdk-lib/aws-ec2';
import { CfnLogGroup } from 'aws-cdk-lib/aws-logs';
import { FullyEquippedStack } from '../../../samples/fully-equipped/stack';
import {
  McpAuth,
  McpNetwork,
  McpPlatformVersion,
  McpRelease,
  McpServerCode,
  McpValidations,
  Packaging,
  StatefulMcpServer,
} from '../../../lib';
import { RULES } from '../../../lib/private/validation/rules';
import { findings, ISSUER, l1, newStack, runtime } from '../fixtures/plain-runtimes';
import { project, removeProjects } from '../fixtures/projects';

afterEach(removeProjects);

test('a runtime that is written by hand, and well, breaks no rule', () => {
  const stack = newStack();
  runtime(stack, { authorizerConfiguration: RuntimeAuthorizerConfiguration.usingJWT(ISSUER, ['agent']) }).addEndpoint(
    'live',
    { version: '1' },
  );
  expect(findings(stack)).toEqual([]);
});

test('servers of this package break no rule', () => {
  const stack = newStack();
  const code = McpServerCode.fromTypeScript(path.join(__dirname, '../../../samples/expense-tracker/server.ts'), {
    packaging: Packaging.zip(),
  });
  new StatefulMcpServer(stack, 'Tokens', {
    release: McpRelease.direct(),
    code,
    auth: McpAuth.jwt({ discoveryUrl: ISSUER, allowedAudiences: ['server'] }),
    network: McpNetwork.vpc({ vpc: new Vpc(stack, 'Vpc') }),
    platformVersion: McpPlatformVersion.V2,
  });
  new FullyEquippedStack(stack.node.root, 'FullyEquipped');
  expect(findings(stack)).toEqual([]);
});

test('nested stacks are looked at, and what is imported from another', () => {
  const stack = newStack();
  l1(new NestedStack(stack, 'Nested'), { protocolConfiguration: undefined });
  new CfnOutput(stack, 'Other', { value: 'none', exportName: 'other' });
  l1(stack, { roleArn: Fn.importValue('other') });
  expect(findings(stack)).toEqual(['protocolMissing Properties/ProtocolConfiguration']);
});

describe('as a plugin of an app', () => {
  const reportOf = (reason?: string): string => {
    const outdir = project({});
    const app = new App({ outdir, context: { '@aws-cdk/core:validationReportJson': true } });
    const stack = new Stack(app, 'Stack');
    Validations.of(app).addPlugins(new McpValidations());
    new CfnLogGroup(stack, 'Logs', { logGroupName: '/aws/bedrock-agentcore/runtimes/plain' });
    runtime(stack);
    if (reason !== undefined) {
      Validations.of(stack).acknowledge({ id: 'cdk-stateful-mcp::logRetention', reason });
    }
    const write = jest.spyOn(console, 'log').mockImplementation();
    const error = jest.spyOn(console, 'error').mockImplementation();
    app.synth();
    write.mockRestore();
    error.mockRestore();
    return readFileSync(path.join(outdir, 'policy-validation-report.json'), 'utf8');
  };

  test('a warning is reported, and the app is synthesized', () => {
    const report = reportOf();
    expect(report).toContain('logRetention');
    expect(report).toContain('set `RetentionInDays`');
  });

  test('it is not once it is acknowledged', () => {
    expect(reportOf('the service makes it')).not.toContain('RetentionInDays');
  });
});

test('every rule is on the page of rules, in this order', () => {
  const page = readFileSync(path.join(__dirname, '../../../docs/reference/rules.md'), 'utf8');
  const rows = [...page.matchAll(/^\| `(\w+)` \| (error|warning) \|/gm)].map(([, id, severity]) => [id, severity]);
  expect(rows).toEqual(RULES.map(({ id, severity }) => [id, severity]));
  expect(new McpValidations().ruleIds).toEqual(RULES.map(({ id }) => id));
});
