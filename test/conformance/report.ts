// docs/reference/conformance.md
import { hasPassed, type Scenario } from './suite-summary';

export interface Run {
  readonly requirements: string;
  readonly way: string;
  readonly mode: string;
  readonly scenarios: readonly Scenario[];
}

export interface Versions {
  readonly date: string;
  readonly suite: string;
  readonly nodeOfSuite: string;
  readonly nodeOfServer: string;
  readonly platform: string;
  readonly kit: string;
  readonly localRuntime: string;
  readonly sdk: string;
}

/** The runs as a table: the columns of Markdown, padded so that a terminal shows them as well. */
export function table(runs: readonly Run[]): string {
  return rows([
    ['revision', 'way to the server', 'mode', 'required scenarios', 'their checks', 'other scenarios'],
    ...runs.map(({ requirements, way, mode, scenarios }) => {
      const required = scenarios.filter(scenario => scenario.required);
      const others = scenarios.filter(scenario => !scenario.required);
      const checks = `${sum(required, 'passed')} passed, ${sum(required, 'failed')} failed`;
      return [requirements, way, mode, passedOf(required), checks, passedOf(others)];
    }),
  ]);
}

export function report(runs: readonly Run[], versions: Versions): string {
  return `# Conformance

<!-- Written by \`npm run conformance\`: edits are lost. -->

The official conformance suite of the Model Context Protocol against a server written with \`stateful-mcp-server\`: directly to its process, and through the local runtime of \`stateful-mcp-local\`.

- Date: ${versions.date}
- Suite: \`${versions.suite}\` on Node.js ${versions.nodeOfSuite}
- Server: \`stateful-mcp-server\` ${versions.kit} on \`@modelcontextprotocol/server\` ${versions.sdk}, Node.js ${versions.nodeOfServer}, ${versions.platform}
- Local runtime: \`stateful-mcp-local\` ${versions.localRuntime}
- Command: \`npm run conformance\`

## Result

${table(runs)}

A scenario has passed when it made checks and none of them failed. \`mode\` is the \`modernMode\` option of \`interactive()\`: it says how a call waits for an answer in revision 2026-07-28, and has no effect in 2025-11-25.

## Scenarios that are not required

The suite runs them without scoring them. An \`extension\` is optional. \`pending\` means that the suite's own reference server does not pass it yet, and \`added-after-release\` that the scenario is younger than the revision.

${rows([['revision', 'scenario', 'why not scored', 'passed in', 'first failed check'], ...notRequired(runs)])}
${tasksNote(runs)}
## The client

\`npm run conformance:client\` runs the suite's scenarios for clients against \`connect()\` of \`stateful-mcp-client\`, and fails unless all that a revision requires pass: 18 for 2025-11-25, 32 for 2026-07-28, the \`auth/\` scenarios of both among them. Of those that no revision requires, \`auth/client-credentials-jwt\` and \`auth/client-credentials-basic\` pass. These do not:

| scenario | reason |
|---|---|
| \`auth/dpop\`, \`auth/dpop-nonce\` | the client sends bearer tokens alone, which is what AgentCore Runtime takes |
| \`auth/wif-jwt-bearer\`, \`auth/enterprise-managed-authorization\` | grants that the client does not offer (\`urn:ietf:params:oauth:grant-type:jwt-bearer\`) |
| \`json-schema-2020-12-preservation\` | it has the client send the schema of a tool back as it came, through a tool of its own that the program of this run does not know |

## What this shows, and what it does not

A passed scenario shows that a kit server gives the answers that the suite expects. The same scenario through the local runtime shows that the runtime does not change them. Both run on one machine and over loopback. The suite has not been run against a server on AWS.

The server is a fixture with the tools, resources and prompts that the scenarios call by name (\`test/conformance/\`). Some scenarios want keys of their own in \`inputRequests\`, several questions in one round, or questions of a prompt. There the fixture writes the round with the SDK (\`round-fixtures.ts\`) instead of \`interactive()\`, and the mode makes no difference.

The suite does not notice when a server ignores \`DELETE\`, or misses that a client gave up a call. Nor does it notice when the process of another session answers a request whose id no live session has. These have tests of their own in \`test/server\` and \`test/local\`.
`;
}

function notRequired(runs: readonly Run[]): string[][] {
  return [...new Set(runs.map(run => run.requirements))].flatMap(requirements => {
    const scenarios = runs
      .filter(run => run.requirements === requirements)
      .flatMap(run => run.scenarios)
      .filter(scenario => !scenario.required);
    return [...new Set(scenarios.map(({ name }) => name))].map(name => {
      const results = scenarios.filter(scenario => scenario.name === name);
      const failure =
        results.flatMap(({ failures }) => failures)[0] ?? (results.every(hasPassed) ? '' : 'it makes no check');
      return [
        requirements,
        name,
        results[0]?.notScoredBecause ?? '',
        `${results.filter(hasPassed).length} of ${results.length} runs`,
        failure,
      ];
    });
  });
}

function tasksNote(runs: readonly Run[]): string {
  const failing = runs.some(({ scenarios }) =>
    scenarios.some(scenario => scenario.name.startsWith('tasks-') && !hasPassed(scenario)),
  );
  return failing
    ? '\nThe `tasks-*` scenarios are about the tasks extension (SEP-2663). The MCP SDK has no server part for it, neither has the kit, and the fixture has none of its tools.\n'
    : '';
}

function passedOf(scenarios: readonly Scenario[]): string {
  return `${scenarios.filter(hasPassed).length} of ${scenarios.length} passed`;
}

function sum(scenarios: readonly Scenario[], key: 'passed' | 'failed'): number {
  return scenarios.reduce((total, scenario) => total + scenario[key], 0);
}

function rows([head = [], ...body]: readonly (readonly string[])[]): string {
  const cells = [head, ...body].map(row => row.map(cell => cell.replaceAll('|', '\\|').replaceAll(/\s+/g, ' ')));
  const widths = head.map((_, column) => Math.max(...cells.map(row => row[column]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  const [first = [], ...rest] = cells;
  return [line(first), `|${widths.map(width => '-'.repeat(width + 2)).join('|')}|`, ...rest.map(line)].join('\n');
}
