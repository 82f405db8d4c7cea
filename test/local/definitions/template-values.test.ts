import {
  evaluate,
  evaluateText,
  UnresolvedReference,
  type TemplateScope,
  type TemplateValue,
} from '../../../local/src/definitions/template-values';

const scope: TemplateScope = {
  pseudoParameters: { 'AWS::Region': 'eu-west-1', 'AWS::AccountId': '123456789012', 'AWS::Partition': 'aws' },
  parameter: name => (name === 'Stage' ? 'test' : undefined),
  resource: (logicalId, attribute) =>
    logicalId === 'Table'
      ? attribute === undefined
        ? 'table-name'
        : attribute === 'Arn'
          ? 'arn:aws:dynamodb:x/table-name'
          : undefined
      : undefined,
  imported: name => {
    if (name === 'exported') {
      return { 'Fn::Join': ['', ['never', 'evaluated', 'twice']] };
    }
    throw new UnresolvedReference(`Fn::ImportValue: ${name}`);
  },
  kindOf: logicalId => (logicalId === 'Bucket' ? 'AWS::S3::Bucket' : undefined),
};

test.each<[TemplateValue, TemplateValue]>([
  ['text', 'text'],
  [5, 5],
  [{ Ref: 'AWS::Region' }, 'eu-west-1'],
  [{ Ref: 'Stage' }, 'test'],
  [{ Ref: 'Table' }, 'table-name'],
  [{ 'Fn::GetAtt': ['Table', 'Arn'] }, 'arn:aws:dynamodb:x/table-name'],
  [{ 'Fn::GetAtt': 'Table.Arn' }, 'arn:aws:dynamodb:x/table-name'],
  [{ 'Fn::Join': ['-', ['a', { Ref: 'Stage' }, 3]] }, 'a-test-3'],
  [{ 'Fn::Join': [',', { 'Fn::Split': ['/', 'a/b'] }] }, 'a,b'],
  [{ 'Fn::Select': [1, { 'Fn::Split': ['/', { 'Fn::GetAtt': ['Table', 'Arn'] }] }] }, 'table-name'],
  [{ 'Fn::Select': ['0', [{ Ref: 'Stage' }, { Ref: 'Bucket' }]] }, 'test'],
  [
    { 'Fn::Sub': 'x-${AWS::AccountId}-${Table}-${Table.Arn}-${!Literal}' },
    'x-123456789012-table-name-arn:aws:dynamodb:x/table-name-${Literal}',
  ],
  [{ 'Fn::Sub': ['${Own}-${Stage}', { Own: { Ref: 'AWS::Partition' } }] }, 'aws-test'],
  [
    { Name: { Ref: 'Stage' }, List: [{ Ref: 'AWS::NoValue' }, 'kept'], Gone: { Ref: 'AWS::NoValue' } },
    { Name: 'test', List: ['kept'] },
  ],
  [
    { Ref: 'Stage', Not: 'a function' },
    { Ref: 'Stage', Not: 'a function' },
  ],
])('%j is %j', (value, expected) => {
  expect(evaluate(value, scope)).toEqual(expected);
});

test.each<[TemplateValue, string]>([
  [{ Ref: 'Bucket' }, 'Ref: Bucket (AWS::S3::Bucket)'],
  [{ Ref: 'Unknown' }, 'Ref: Unknown'],
  [{ 'Fn::GetAtt': ['Bucket', 'Arn'] }, 'Fn::GetAtt: Bucket.Arn (AWS::S3::Bucket)'],
  [{ 'Fn::GetAtt': ['Table', 'StreamArn'] }, 'Fn::GetAtt: Table.StreamArn'],
  [{ 'Fn::Sub': 'https://${Bucket}.example' }, 'Ref: Bucket (AWS::S3::Bucket)'],
  [{ 'Fn::Sub': '${Bucket.DomainName}' }, 'Fn::GetAtt: Bucket.DomainName (AWS::S3::Bucket)'],
  [{ 'Fn::ImportValue': 'elsewhere' }, 'Fn::ImportValue: elsewhere'],
  [{ 'Fn::GetAZs': '' }, 'Fn::GetAZs: ""'],
  [{ 'Fn::Select': [7, ['a']] }, 'Fn::Select: [7,["a"]]'],
  [{ 'Fn::Join': ['-', 'not a list'] }, 'Fn::Join: "not a list"'],
  [{ 'Fn::Split': ['-'] }, 'Fn::Split: ["-"]'],
  [
    '{{resolve:secretsmanager:database:SecretString:password}}',
    '{{resolve:secretsmanager:database:SecretString:password}}',
  ],
  [{ 'Fn::Sub': 'key={{resolve:ssm:/key}}' }, '{{resolve:ssm:/key}}'],
])('%j has no value here', (value, reference) => {
  expect(() => evaluate(value, scope)).toThrow(expect.objectContaining({ reference }) as Error);
});

test('a text may come from a number or a boolean, and from nothing else', () => {
  expect(evaluateText(3, scope)).toBe('3');
  expect(evaluateText(false, scope)).toBe('false');
  expect(() => evaluateText(['a'], scope)).toThrow(UnresolvedReference);
});
