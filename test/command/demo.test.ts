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

test('checks the demo app by the check of its release, when it is given no other', async () => {
  const { code, stdout } = await start(['check'], { cwd: root }).finished;
  expect(code).toBe(0);
  for (const finding of ['conversation an expense that is declined (legacy)', 'initialize (modern)']) {
    expect(stdout).toContain(`✓ ${finding} `);
  }
});

test('releases the demo app as its deployment does, and refuses a version that does not speak MCP', async () => {
  const answers = 'samples/expense-tracker/answers.json';
  const talking = start(['talk', 'generate_report', '--bad-version', '--answers', answers], { cwd: root });
  const { code, stdout, stderr } = await talking.finished;

  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatch(/^release +version 1 passed \d+ checks; live serves it/m);
  expect(stdout).toMatch(/^release +version 2 is refused/m);
  expect(stdout).toMatch(/^refused +initialize \(legacy\): expected an answer to `initialize`.*; got /m);
  expect(stdout).toMatch(/^release +live still serves version 1$/m);
  expect(stdout).toMatch(/^url +http:.*qualifier=live$/m);
  expect(stdout).toMatch(/^progress +6\/6/m);
  // The CDK keeps files of its own.
  expect(talking.filesLeft().filter(file => file.startsWith('stateful-mcp'))).toEqual([]);
  expect(talking.serversLeft()).toEqual([]);
});
