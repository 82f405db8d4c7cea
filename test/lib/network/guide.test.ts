import { readFileSync } from 'node:fs';
import path from 'node:path';
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { NetworkStack } from '../fixtures/guide/network-stack';

const GUIDE = path.join(__dirname, '../../../docs/guides/network.md');
const FIXTURE = path.join(__dirname, '../fixtures/guide/network-stack.ts');

const examples = [...readFileSync(GUIDE, 'utf8').matchAll(/^```ts\n(.*?)^```$/gms)].map(([, example = '']) => example);

test('the examples of the guide are those that are synthesized here', () => {
  const fixture = readFileSync(FIXTURE, 'utf8').replace(/^ {4}/gm, '');
  expect(examples).toHaveLength(3);
  for (const example of examples) {
    expect(fixture).toContain(example);
  }
});

test.each(['withEgress', 'withoutNat', 'withZones'] as const)('%s is synthesized', example => {
  const stack = new NetworkStack(new App({ context: { 'aws:cdk:bundling-stacks': [] } }), 'Stack', {
    env: { account: '123456789012', region: example === 'withZones' ? 'us-east-1' : 'eu-west-1' },
  });
  stack[example]();
  Template.fromStack(stack).hasResourceProperties('AWS::BedrockAgentCore::Runtime', {
    NetworkConfiguration: { NetworkMode: 'VPC' },
  });
});
