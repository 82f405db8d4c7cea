import { readFileSync } from 'node:fs';
import path from 'node:path';
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { StateStack } from '../fixtures/guide/state-stack';

const GUIDES = path.join(__dirname, '../../../docs/guides');
const FIXTURE = path.join(__dirname, '../fixtures/guide/state-stack.ts');

test.each(['state.md', 'gateway.md'])('the examples of %s are those that are synthesized here', guide => {
  const text = readFileSync(path.join(GUIDES, guide), 'utf8');
  const examples = [...text.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, example = '']) => example);
  const fixture = readFileSync(FIXTURE, 'utf8').replace(/^ {4}/gm, '');
  for (const example of examples.filter(one => !one.startsWith('await serve'))) {
    expect(fixture).toContain(example);
  }
});

test.each([
  ['storage', 1],
  ['gateway', 2],
  ['canary', 1],
] as const)('%s is synthesized', (example, servers) => {
  const stack = new StateStack(new App({ context: { 'aws:cdk:bundling-stacks': [] } }), 'Stack', {
    env: { account: '123456789012', region: 'eu-west-1' },
  });
  stack[example]();
  Template.fromStack(stack).resourceCountIs('AWS::BedrockAgentCore::Runtime', servers);
});
