import { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Vpc } from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';
import { McpNetwork } from '../../../../lib';
import { greetingServer, unbundledStack } from '../../fixtures/stacks';

/** The descriptions that services take: of a security group, and of a role. */
const ALLOWED = /^[a-zA-Z0-9 ._\-:/()#,@[\]+=&;{}!$*]{1,255}$/;

function descriptionsBelow(...ids: string[]): unknown[] {
  const stack = unbundledStack();
  const scope = ids.reduce<Construct>((above, id) => new Construct(above, id), stack);
  greetingServer(scope, { network: McpNetwork.vpc({ vpc: new Vpc(new Stack(stack.node.root, 'Network'), 'Vpc') }) });
  const template = Template.fromStack(stack);
  return Object.values({
    ...template.findResources('AWS::IAM::Role'),
    ...template.findResources('AWS::EC2::SecurityGroup'),
  }).flatMap(({ Properties }) => {
    const { Description, GroupDescription } = Properties as Record<string, unknown>;
    return [Description ?? GroupDescription ?? []].flat();
  });
}

test.each([
  ['letters of other scripts', ['注文', 'Größe', 'Заказы']],
  ['quotes, dashes and symbols', [`Müller's "orders" – 50%`, '<a>', '\u{1f600}']],
  ['a long path', Array.from({ length: 12 }, (_, index) => `LevelOfATreeThatHasLongNames${index}`)],
])('a server below ids with %s has descriptions that services take', (_case, ids) => {
  const descriptions = descriptionsBelow(...ids);
  expect(descriptions).toHaveLength(2);
  expect(descriptions).toEqual(descriptions.map(() => expect.stringMatching(ALLOWED) as string));
  expect(descriptions).toEqual(descriptions.map(() => expect.stringContaining('/Server') as string));
});

test('a usual path is told as it is', () => {
  expect(descriptionsBelow('Orders')).toEqual([
    'What the MCP server Stack/Orders/Server may do',
    'Interfaces of the MCP server Stack/Orders/Server',
  ]);
});
