import { readFileSync } from 'node:fs';
import path from 'node:path';
import { PROPS } from '../../lib/stateful-mcp-server-kinds';

/** A prop of the server, or why there is none. */
type Way = { readonly prop: keyof typeof PROPS | readonly (keyof typeof PROPS)[] } | { readonly fixed: string };

/** How each member of `RuntimeProps` is reached. The newest aws-cdk-lib decides which there are. */
const WAYS: Readonly<Record<string, Way>> = {
  runtimeName: { prop: 'runtimeName' },
  agentRuntimeArtifact: { prop: 'code' },
  executionRole: { prop: 'role' },
  networkConfiguration: { prop: 'network' },
  description: { prop: 'description' },
  protocolConfiguration: { fixed: 'MCP, with `port` and `path`' },
  platformVersion: { prop: 'platformVersion' },
  environmentVariables: { prop: 'environment' },
  authorizerConfiguration: { prop: 'auth' },
  tags: { prop: 'tags' },
  requestHeaderConfiguration: { prop: 'forwardHeaders' },
  lifecycleConfiguration: { prop: ['idleTimeout', 'maxLifetime'] },
  tracingEnabled: { prop: 'tracingEnabled' },
  loggingConfigs: { prop: 'logging' },
  manageDeliveryResourcePolicy: { prop: 'manageDeliveryResourcePolicy' },
};

/** Of the declarations of the L2 construct: its own, whichever CDK the tests run with. */
function membersOf(file: string, name: string): string[] {
  const text = readFileSync(path.join(path.dirname(require.resolve('aws-cdk-lib-latest/package.json')), file), 'utf8');
  const [, body = ''] = new RegExp(`^export interface ${name} \\{\\n(.*?)^\\}`, 'ms').exec(text) ?? [];
  return [...body.matchAll(/^ {4}readonly (\w+)\??:/gm)].flatMap(([, member]) => member ?? []);
}

test('every prop of the L2 construct is reached, as this table says', () => {
  const members = membersOf('aws-bedrockagentcore/lib/runtime/runtime.d.ts', 'RuntimeProps');
  expect(members.length).toBeGreaterThan(10);
  expect(Object.keys(WAYS).sort()).toEqual(members.sort());
});

test.each(
  Object.entries(WAYS).flatMap(([member, way]) => ('prop' in way ? [[member, [way.prop].flat()] as const] : [])),
)('%s is reached by %j', (_member, props) => {
  for (const prop of props) {
    expect(PROPS).toHaveProperty(prop);
  }
});
