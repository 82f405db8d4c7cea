const PROMPT = /^\$$/;
const CHAT = /^>$/;

/** Types a command, and waits for the prompt of the shell. */
async function command(pane, line) {
  await pane.type(line);
  await pane.press('Enter');
  await pane.until(PROMPT);
}

/** What is shown in the guide, by the name of its block. */
export const SCENES = {
  chat: async pane => {
    await pane.type('stateful-mcp chat --answers samples/expense-tracker/answers.json');
    await pane.press('Enter');
    await pane.until(CHAT);
    await pane.type('add');
    await pane.press('Tab');
    await pane.until(/^> add_expense_interactive/);
    await pane.press('Enter');
    for (const question of [/^└/, /^└/, /^└/, /^└/]) {
      await pane.until(question);
      const before = pane.shown().join('\n');
      await pane.press('Enter');
      while (pane.shown().join('\n') === before) {
        await pane.press('');
      }
    }
    await pane.until(CHAT);
    await pane.type('generate_report');
    await pane.press('Enter');
    await pane.until(CHAT);
    await pane.press('C-d');
    await pane.until(PROMPT);
  },
  sessions: async (pane, { url }) => {
    await command(pane, `stateful-mcp call --url ${url} generate_report --session desk 2>/dev/null | head -3`);
    await command(pane, `stateful-mcp tools --url ${url} --session desk`);
    await command(pane, 'stateful-mcp sessions');
    await command(pane, 'stateful-mcp stop desk');
  },
  logs: async pane => {
    await command(pane, 'stateful-mcp logs --no-follow --filter "session " | cut -c 1-96');
  },
  cost: async pane => {
    await command(pane, 'stateful-mcp cost --sessions 10000 --memory 512 --minutes 10');
  },
};
