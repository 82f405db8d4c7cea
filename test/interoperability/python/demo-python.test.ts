import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { removeTemporaryFolders } from '../../command/assembly';
import { endCommands, run } from '../../command/run-command';

const root = path.resolve(__dirname, '..', '..', '..');

afterAll(endCommands);
afterAll(removeTemporaryFolders);

test('talks with the expense tracker in Python, as `npm run start:python` does', async () => {
  const version = execFileSync('python3', ['-c', 'import sys; print("%d.%d" % sys.version_info[:2])'], {
    encoding: 'utf8',
  });
  const tools = ['add_expense_interactive', 'analyze_spending', 'generate_report'];
  const { code, stdout, stderr } = await run(
    [
      ...['talk', ...tools, '--answers', 'samples/expense-tracker/answers.json'],
      ...['-c', `python=${version.trim()}`, '--runtime', 'ExpenseTracker_PythonServer'],
    ],
    // uv and pip have settings there: indexes, certificates, caches.
    { cwd: root, env: Object.fromEntries(Object.entries(process.env).map(([name, value]) => [name, value ?? ''])) },
  );
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout.match(/^elicitation /gm)).toHaveLength(4);
  expect(stdout.match(/^progress /gm)).toHaveLength(6);
  expect(stdout).toMatch(/^stored +1 item in table [^]*description=Team lunch/m);
  expect(stdout).toMatch(/^done$/m);
});
