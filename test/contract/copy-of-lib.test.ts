import { readFileSync } from 'node:fs';
import path from 'node:path';
import * as contract from 'stateful-mcp-contract';
import * as copy from '../../lib/private/common/contract';

test('the constructs have what the other packages have', () => {
  expect(Object.keys(copy).length).toBeGreaterThan(0);
  expect(contract).toMatchObject(copy);
});

test.each(['check-definition', 'check-validation', 'scripted-answers'])(
  'the %s of the constructs is word for word that of the other packages',
  name => {
    const sourceIn = (directory: string): string =>
      readFileSync(path.join(__dirname, '../..', directory, `${name}.ts`), 'utf8');
    expect(sourceIn('lib/private/release')).toBe(sourceIn('contract/src/check'));
  },
);
