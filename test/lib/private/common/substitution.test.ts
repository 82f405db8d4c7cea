import { Aws, CfnParameter, CfnResource, Fn, Stack } from 'aws-cdk-lib';
import { substituted } from '../../../../lib/private/common/substitution';

const stack = new Stack();
const bucket = new CfnResource(stack, 'Bucket', { type: 'AWS::S3::Bucket' });
const first = Fn.select(0, Fn.split('-', bucket.ref));

test.each<[string, string, unknown]>([
  ['text alone', 'plain ${text}', 'plain ${text}'],
  ['one reference alone', Aws.REGION, { Ref: 'AWS::Region' }],
  [
    'references and attributes',
    `arn:${Aws.PARTITION}:s3:::${bucket.getAtt('Arn').toString()}/${bucket.ref}`,
    { 'Fn::Sub': 'arn:${AWS::Partition}:s3:::${Bucket.Arn}/${Bucket}' },
  ],
  ['text that looks like a variable', `\${x} \${!y} ${Aws.REGION}`, { 'Fn::Sub': '${!x} ${!!y} ${AWS::Region}' }],
  ['another substitution', `${Fn.sub('a-${AWS::Region}')}/*`, { 'Fn::Sub': 'a-${AWS::Region}/*' }],
])('%s', (_, text, expected) => {
  expect(stack.resolve(substituted(text))).toEqual(expected);
});

test('what a text cannot name gets one variable, which is no logical id', () => {
  new CfnParameter(stack, 'value0');
  const select = { 'Fn::Select': [0, { 'Fn::Split': ['-', { Ref: 'Bucket' }] }] };
  expect(stack.resolve(substituted(`${first}::${Fn.ref('value0')}::${first}`))).toEqual({
    'Fn::Sub': ['${value1}::${value0}::${value1}', { value1: select }],
  });
});

test('a substitution within a text that is substituted', () => {
  const inner = substituted(`log-group:${Aws.REGION}`);
  expect(stack.resolve(substituted(`${inner}:*`))).toEqual({ 'Fn::Sub': 'log-group:${AWS::Region}:*' });
});
