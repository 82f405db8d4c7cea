// Objects of the CDK: grantees, runtimes, and values of the right kinds, which are taken.
import { pathToFileURL } from 'node:url';
import { RemovalPolicy } from 'aws-cdk-lib';
import { Key } from 'aws-cdk-lib/aws-kms';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import {
  ImageAssembler,
  McpServerCode,
  Packaging,
  StatefulMcpServer,
  StatefulMcpServerGrants,
  StatefulMcpServerMetrics,
} from '../../../lib';
import { removeProjects } from '../fixtures/projects';
import { errorOf, greetingServer, GREETING_SERVER, unbundledStack } from '../fixtures/stacks';

afterEach(removeProjects);

test.each([undefined, null, 'runtime', {}])('grants and metrics of %j are refused', runtime => {
  for (const facade of [StatefulMcpServerGrants, StatefulMcpServerMetrics]) {
    expect(errorOf(() => facade.fromRuntime(runtime as never))).toMatch(/^`runtime` is .*; an IRuntimeRef is allowed/);
  }
});

test.each([undefined, null, 'role', {}])('a grantee that is %j is refused', grantee => {
  const { grants } = greetingServer(unbundledStack());
  for (const grant of ['invoke', 'invokeForUser', 'stopSession'] as const) {
    expect(errorOf(() => grants[grant](grantee as never))).toMatch(/`grantee` is .*; an IGrantable is allowed/);
  }
});

test.each([undefined, null, 1, {}])('a metric named %j is refused', name => {
  const { metrics } = greetingServer(unbundledStack());
  expect(errorOf(() => metrics.metric(name as never))).toContain('`metricName` is ');
});

test('values of the right kinds are taken, of other copies of the CDK too', () => {
  const stack = unbundledStack();
  const assembler = new ImageAssembler(stack, 'Assembler', { logRetention: RetentionDays.ONE_YEAR });
  const packaging = Packaging.image({
    assembler,
    encryptionKey: new Key(stack, 'Key'),
    removalPolicy: RemovalPolicy.RETAIN,
  });
  const entry = pathToFileURL(GREETING_SERVER);
  for (const [index, form] of [entry, entry.href, GREETING_SERVER].entries()) {
    const code = McpServerCode.fromTypeScript(form, { packaging });
    const role = undefined;
    expect(
      () =>
        new StatefulMcpServer(stack, `Server${index}`, {
          code,
          role,
          environment: Object.create(null) as Record<string, string>,
        }),
    ).not.toThrow();
  }
});
