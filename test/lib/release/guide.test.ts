import { readFileSync } from 'node:fs';
import path from 'node:path';
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { ReleaseStack } from '../fixtures/guide/release-stack';

const GUIDE = path.join(__dirname, '../../../docs/guides/release.md');
const FIXTURE = path.join(__dirname, '../fixtures/guide/release-stack.ts');

const newStack = (): ReleaseStack => new ReleaseStack(new App({ context: { 'aws:cdk:bundling-stacks': [] } }), 'Stack');

test('the examples of the guide are those that are synthesized here', () => {
  const withoutIndent = (text: string): string => text.replace(/^ +/gm, '');
  const examples = [...readFileSync(GUIDE, 'utf8').matchAll(/^```ts\n(.*?)^```$/gms)].map(
    ([, example = '']) => example,
  );
  expect(examples.length).toBeGreaterThan(3);
  for (const example of examples) {
    expect(withoutIndent(readFileSync(FIXTURE, 'utf8'))).toContain(withoutIndent(example));
  }
});

test.each<[string, (stack: ReleaseStack) => void]>([
  ['by default', stack => void stack.byDefault()],
  ['with a check', stack => stack.checked()],
  ['by people', stack => stack.byPeople()],
  ['with a watch', stack => stack.watched(new Topic(stack, 'Topic'))],
])('a release %s is synthesized', (_, example) => {
  const stack = newStack();
  example(stack);
  Template.fromStack(stack).hasResourceProperties('AWS::BedrockAgentCore::RuntimeEndpoint', { Name: 'live' });
});
