import path from 'node:path';
import { removeTemporaryFolders } from './assembly';
import { endCommands, start } from './run-command';

const root = path.resolve(__dirname, '..', '..');

afterAll(endCommands);
afterAll(removeTemporaryFolders);

test('talks with the expense tracker of the demo app, as `npm start` does', async () => {
  const tools = ['add_expense_interactive', 'analyze_spending', 'generate_report'];
  const talking = start(['talk', ...tools, '--answers', 'samples/expense-tracker/answers.json'], { cwd: root });
  const { code, stdout, stderr } = await talking.finished;

  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout.match(/^elicitation /gm)).toHaveLength(4);
  expect(stdout.match(/^answer +accept: .*\(answers file\)$/gm)).toHaveLength(4);
  expect(stdout).toMatch(/^sampling +system: /m);
  expect(stdout).toContain('[scripted answer, no model was asked]');
  expect(stdout.match(/^progress /gm)?.length).toBeGreaterThanOrEqual(5);
  expect(stdout).toMatch(/^stored +1 item in table [^]*description=Team lunch/m);
  expect(stdout).toMatch(/^done$/m);
});
