import type { Starter } from './starter';

/** The three commands that a person types after `init`. */
export function firstCommands({ server, cdk }: Omit<Starter, 'name'>): readonly [string, string, string] {
  const requirements = [
    ...(server === 'python' ? ['-r server/requirements.txt'] : []),
    ...(cdk === 'python' ? ['-r requirements.txt'] : []),
  ];
  const install =
    requirements.length === 0
      ? 'npm install'
      : `python3 -m venv .venv && . .venv/bin/activate && pip install ${requirements.join(' ')} && npm install`;
  return [install, 'npm test', 'npm run dev'];
}

/** What only this choice needs, besides Node.js. */
function needs({ server, cdk }: Starter): string {
  const python = server === 'python' || cdk === 'python';
  const uv = server === 'python' && cdk !== 'none';
  return [
    'You need Node.js 20.18.1 or later',
    ...(python ? [', Python 3.11 or later'] : []),
    ...(uv ? [', and uv, which packages the server'] : []),
    '.',
  ].join('');
}

export function readmeOf(starter: Starter): string {
  const { name, cdk } = starter;
  const [install, test, dev] = firstCommands(starter);
  const deploy = cdk === 'none' ? '' : `\n\`npm run deploy\` deploys it to Amazon Bedrock AgentCore Runtime.\n`;
  return `# ${name}

A stateful MCP server with one tool, \`book_table\`, that asks the user. ${needs(starter)}

\`\`\`sh
${install}
${test}
${dev}
\`\`\`

The last one serves it at http://127.0.0.1:8000/mcp, with the sessions of AgentCore Runtime; a changed source is the next version. Talk to it from a second terminal:

\`\`\`sh
npx stateful-mcp call --url http://127.0.0.1:8000/mcp book_table
\`\`\`

Claude Code, VS Code and Kiro find it by \`.mcp.json\`, \`.vscode/mcp.json\` and \`.kiro/settings/mcp.json\`.
${deploy}`;
}
