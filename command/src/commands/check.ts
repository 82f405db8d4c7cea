import { readFile } from 'node:fs/promises';
import {
  checkServer,
  connect,
  listContract,
  problemWithCheck,
  type CheckDefinition,
  type CheckVerdict,
  type ServerContract,
} from 'stateful-mcp-client';
import type { CheckInvocation } from '../command-line/invocation';
import { Closing } from '../common/closing';
import { CommandError, EXIT } from '../common/command-error';
import type { CheckDocument } from '../common/json-documents';
import { parsedJson } from '../common/json-file';
import { printJson } from '../common/print-json';
import type { Shutdown } from '../common/shutdown';
import type { Connection } from '../connection/connection';
import { PreparedAnswers } from '../conversation/answers';
import { LineConversation } from '../conversation/conversation-lines';
import { reportLines } from '../conversation/report-lines';
import { printable } from '../common/printable';
import { scriptedSampler } from '../sampling/scripted';
import { terminalOf } from '../terminal/terminal';
import { openDeployed, openOwn, type OpenedServer } from './open-server';

const EXIT_CODES: Readonly<Record<CheckVerdict, number>> = {
  pass: EXIT.ok,
  fail: EXIT.failed,
  inconclusive: EXIT.inconclusive,
};

/** Checks a server that runs already, or one that is started for it. */
export async function check(invocation: CheckInvocation, shutdown: Shutdown): Promise<number> {
  const closing = new Closing();
  const output = invocation.json ? process.stderr : process.stdout;
  const { paint } = terminalOf({ stdin: process.stdin, output, env: process.env, yes: false });
  try {
    const given = invocation.check === undefined ? undefined : await readCheck(invocation.check);
    const conversation = new LineConversation({
      write: text => output.write(text),
      paint,
      answers: new PreparedAnswers(),
    });
    closing.register(() => conversation.dispose());
    const parts = { conversation, sampler: scriptedSampler, shutdown };
    const opened =
      invocation.target === undefined
        ? await openOwn(invocation, parts, closing)
        : await openDeployed(invocation.target, { yes: false, output });
    if (opened === undefined) {
      return EXIT.ok;
    }
    const { connection, explain, log } = opened;
    const definition = given ?? releaseCheck(opened);
    const live = await comparedContract(invocation, connection, shutdown);
    conversation.inform('url', String(connection.target));
    const report = await checkServer({
      ...connection,
      definition,
      ...(live && { live }),
      requiresToken: invocation.requiresToken,
      signal: shutdown.signal,
      ...(invocation.transcript && { onTranscript: line => process.stderr.write(`${printable(line)}\n`) }),
    }).catch((error: unknown) => {
      throw explain(error);
    });
    // It ends its sessions when it is told to end, so it was waited for.
    shutdown.signal.throwIfAborted();
    if (invocation.json) {
      printJson<CheckDocument>(report);
    } else {
      const logged = report.verdict === 'pass' ? [] : log.take();
      output.write(`${reportLines(report, { paint, log: logged }).join('\n')}\n`);
    }
    return EXIT_CODES[report.verdict];
  } finally {
    await closing.close();
  }
}

/** What the deployment of the app would check. */
function releaseCheck({ releaseCheck: check }: OpenedServer): CheckDefinition {
  if (check === undefined) {
    throw new CommandError(
      'the runtime has no verified release that says what to check: pass `--check FILE`',
      EXIT.usage,
    );
  }
  return JSON.parse(check) as CheckDefinition;
}

async function readCheck(file: string): Promise<CheckDefinition> {
  const definition = await readJson(file, '--check');
  const problem = problemWithCheck(definition);
  if (problem !== undefined) {
    throw new CommandError(`\`--check\` ${file}: ${problem}`, EXIT.usage);
  }
  return definition as CheckDefinition;
}

/** What clients know: what another server offers, or what a report says that one offered. */
async function comparedContract(
  { compareWith }: CheckInvocation,
  { auth }: Connection,
  shutdown: Shutdown,
): Promise<ServerContract | undefined> {
  if (compareWith === undefined) {
    return undefined;
  }
  if (/^(https?:|arn:|stack:)/.test(compareWith)) {
    const client = await shutdown.orEnd(connect({ target: compareWith, ...(auth && { auth }) }));
    try {
      return await shutdown.orEnd(listContract(client));
    } finally {
      await client.close();
    }
  }
  const report = (await readJson(compareWith, '--compare-with')) as { contract?: Partial<ServerContract> } | null;
  const { tools, prompts = [], resources = [] } = report?.contract ?? {};
  if (!Array.isArray(tools)) {
    throw new CommandError(
      `\`--compare-with\` ${compareWith} has no \`contract\`: pass a report of \`check --json\`, a URL, an ARN or stack:STACK/OUTPUT`,
      EXIT.usage,
    );
  }
  return { tools: tools as ServerContract['tools'], prompts, resources };
}

async function readJson(file: string, flag: string): Promise<unknown> {
  try {
    return parsedJson(await readFile(file, 'utf8'));
  } catch (cause) {
    throw new CommandError(`\`${flag}\` ${file} cannot be read: ${(cause as Error).message}`, EXIT.usage, { cause });
  }
}
