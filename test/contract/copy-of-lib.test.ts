import * as contract from 'stateful-mcp-contract';
import * as copy from '../../lib/private/common/contract';

test('the constructs have what the other packages have', () => {
  expect(Object.keys(copy).length).toBeGreaterThan(0);
  expect(contract).toMatchObject(copy);
});
