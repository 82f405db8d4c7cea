import { GivenProperties } from '../../../lambda/common/given-properties';

interface Properties {
  readonly value: unknown;
}

class Refused extends Error {}

function given(value?: unknown, prefix?: string): GivenProperties<Properties> {
  return new GivenProperties<Properties>(
    value === undefined ? {} : { value },
    message => new Refused(message),
    ...(prefix === undefined ? [] : [prefix]),
  );
}

const EACH = 'is allowed: correct the property';

test('what is as it should be is read', () => {
  expect(given('a').has('value')).toBe(true);
  expect(given().has('value')).toBe(false);
  expect(given('a').text('value')).toBe('a');
  expect(given('a').optionalText('value')).toBe('a');
  expect(given().optionalText('value')).toBeUndefined();
  expect(given('b').choice('value', ['a', 'b'])).toBe('b');
  expect(given(['a', 'b']).list('value')).toEqual(['a', 'b']);
  expect(given(['a']).optionalList('value')).toEqual(['a']);
  expect(given().optionalList('value')).toEqual([]);
  expect(given({ a: 1 }).record('value')).toEqual({ a: 1 });
  expect(given({ a: '1', b: '' }).texts('value')).toEqual({ a: '1', b: '' });
  expect(given().texts('value')).toEqual({});
  expect(given({ value: 'a' }).member<Properties>('value').text('value')).toBe('a');
  expect(
    given([{ value: 'a' }, { value: 'b' }])
      .members<Properties>('value')
      .map(member => member.text('value')),
  ).toEqual(['a', 'b']);
});

const read = {
  text: (properties: GivenProperties<Properties>) => properties.text('value'),
  number: (properties: GivenProperties<Properties>) => properties.text('value', /^\d$/, 'a digit'),
  optionalNumber: (properties: GivenProperties<Properties>) => properties.optionalText('value', /^\d$/, 'a digit'),
  choice: (properties: GivenProperties<Properties>) => properties.choice('value', ['a', 'b']),
  list: (properties: GivenProperties<Properties>) => properties.list('value'),
  optionalList: (properties: GivenProperties<Properties>) => properties.optionalList('value'),
  record: (properties: GivenProperties<Properties>) => properties.record('value'),
  member: (properties: GivenProperties<Properties>) => properties.member('value'),
  members: (properties: GivenProperties<Properties>) => properties.members('value'),
  texts: (properties: GivenProperties<Properties>) => properties.texts('value'),
};

test.each<[keyof typeof read, unknown, string]>([
  ['text', undefined, `\`value\` is undefined; a text that is not empty ${EACH}`],
  ['text', '', `\`value\` is ""; a text that is not empty ${EACH}`],
  ['text', 1, `\`value\` is 1; a text that is not empty ${EACH}`],
  ['text', ['a'], `\`value\` is ["a"]; a text that is not empty ${EACH}`],
  ['number', 'a', `\`value\` is "a"; a digit ${EACH}`],
  ['number', 1, `\`value\` is 1; a digit ${EACH}`],
  ['optionalNumber', 'a', `\`value\` is "a"; a digit ${EACH}`],
  ['choice', 'c', `\`value\` is "c"; "a" or "b" ${EACH}`],
  ['choice', undefined, `\`value\` is undefined; "a" or "b" ${EACH}`],
  ['list', undefined, `\`value\` is undefined; a list of at least one text ${EACH}`],
  ['list', [], `\`value\` is []; a list of at least one text ${EACH}`],
  ['list', 'a', `\`value\` is "a"; a list of at least one text ${EACH}`],
  ['list', ['a', 1], `\`value\` is ["a",1]; a list of at least one text ${EACH}`],
  ['optionalList', [], `\`value\` is []; a list of at least one text ${EACH}`],
  ['record', undefined, `\`value\` is undefined; a map ${EACH}`],
  ['record', null, `\`value\` is null; a map ${EACH}`],
  ['record', 'a', `\`value\` is "a"; a map ${EACH}`],
  ['record', ['a'], `\`value\` is ["a"]; a map ${EACH}`],
  ['member', 'a', `\`value\` is "a"; a map ${EACH}`],
  ['members', undefined, `\`value\` is undefined; a list of at least one map ${EACH}`],
  ['members', {}, `\`value\` is {}; a list of at least one map ${EACH}`],
  ['members', [], `\`value\` is []; a list of at least one map ${EACH}`],
  ['members', [{}, 'a'], `\`value[1]\` is "a"; a map ${EACH}`],
  ['texts', [], `\`value\` is []; a map ${EACH}`],
  ['texts', { a: '1', b: 2 }, `\`value.b\` is 2; a text ${EACH}`],
])('no %s: %j', (kind, value, message) => {
  expect(() => read[kind](given(value))).toThrow(new Refused(message));
  expect(() => read[kind](given(value))).toThrow(Refused);
});

test('what is refused is told with its whole path, by whoever reads', () => {
  const member = given({ value: [{ value: { value: 1 } }] }, 'outer.')
    .member<Properties>('value')
    .members<Properties>('value')[0]!
    .member<Properties>('value');
  expect(() => member.text('value')).toThrow(
    new Refused(`\`outer.value.value[0].value.value\` is 1; a text that is not empty ${EACH}`),
  );
  expect(() => member.text('value')).toThrow(Refused);
  expect(member.invalid('other', null, 'nothing').message).toBe(
    `\`outer.value.value[0].value.other\` is null; nothing ${EACH}`,
  );
});
