import { readFileSync } from 'node:fs';
import path from 'node:path';
import * as contract from 'stateful-mcp-contract';
import * as copy from '../../lib/private/common/contract';

test('the constructs have what the other packages have', () => {
  expect(Object.keys(copy).length).toBeGreaterThan(0);
  expect(contract).toMatchObject(copy);
});

test.each([
  ['contract/src/check/check-definition.ts', 'lib/private/release/check-definition.ts'],
  ['contract/src/check/check-validation.ts', 'lib/private/release/check-validation.ts'],
  ['contract/src/scripted-answers.ts', 'lib/private/release/scripted-answers.ts'],
])('%s is word for word %s', (original, ofConstructs) => {
  const sourceOf = (file: string): string => readFileSync(path.join(__dirname, '../..', file), 'utf8');
  expect(sourceOf(ofConstructs)).toBe(sourceOf(original).replace("'../scripted-answers'", "'./scripted-answers'"));
});
