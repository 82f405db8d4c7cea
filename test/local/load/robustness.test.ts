import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';

// A process of its own, as `npm run test:robustness` is: that of jest has the heap and the files of other tests.
test('hostile requests end nothing, leak nothing and reach no other session', async () => {
  const program = ['--expose-gc', '--import', 'tsx', path.join(__dirname, 'robustness-main.ts'), '600'];
  const { stdout, stderr } = await promisify(execFile)(process.execPath, program);
  expect(stderr).toBe('');
  const { requests, wrong, statuses } = JSON.parse(stdout) as {
    requests: number;
    wrong: string[];
    statuses: Record<string, number>;
  };
  expect({ requests, wrong }).toEqual({ requests: 600, wrong: [] });
  expect(Object.keys(statuses)).toEqual(expect.arrayContaining(['200', '400', '403', '404']));
});
