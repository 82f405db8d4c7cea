import { type CfnElement } from 'aws-cdk-lib';
import { greetingServer, unbundledStack } from '../../fixtures/stacks';

/** Evaluates the intrinsic functions of a URL as CloudFormation does. */
function evaluate(value: unknown, values: Record<string, string>): unknown {
  if (Array.isArray(value)) {
    return value.map(item => evaluate(item, values));
  }
  if (typeof value !== 'object' || value === null) {
    return value;
  }
  const [[name, argument]] = Object.entries(value) as [[string, unknown]];
  const evaluated = evaluate(argument, values);
  if (name === 'Ref') {
    return values[evaluated as string];
  }
  if (name === 'Fn::GetAtt') {
    return values[(evaluated as string[]).join('.')];
  }
  const [first, second] = evaluated as [string, unknown];
  if (name === 'Fn::Join') {
    return (second as string[]).join(first);
  }
  if (name === 'Fn::Split') {
    return (second as string).split(first);
  }
  throw new Error(`unexpected function ${name}`);
}

test('the URL of a server is the escaped invocation URL of its DEFAULT endpoint', () => {
  const stack = unbundledStack();
  const { url, runtime } = greetingServer(stack);
  const runtimeLogicalId = stack.getLogicalId(runtime.node.defaultChild as CfnElement);
  expect(
    evaluate(stack.resolve(url), {
      'AWS::Region': 'us-west-2',
      'AWS::URLSuffix': 'amazonaws.com',
      [`${runtimeLogicalId}.AgentRuntimeArn`]:
        'arn:aws:bedrock-agentcore:us-west-2:123456789012:runtime/my_mcp-abcdefghij',
    }),
  ).toBe(
    'https://bedrock-agentcore.us-west-2.amazonaws.com/runtimes/' +
      'arn%3Aaws%3Abedrock-agentcore%3Aus-west-2%3A123456789012%3Aruntime%2Fmy_mcp-abcdefghij/invocations?qualifier=DEFAULT',
  );
});
