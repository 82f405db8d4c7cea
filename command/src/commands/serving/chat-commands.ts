import { StatefulMcpClientError, type StatefulMcpClient, type Tool } from 'stateful-mcp-client';
import { amongNames } from '../../common/among-names';
import { clientErrorText } from '../../common/client-error-text';
import type { Paint } from '../../common/paint';
import type { PreparedAnswers } from '../../conversation/answers';
import type { ConversationParts } from '../../conversation/hold-conversation';
import { printable } from '../../common/printable';
import { namesText, promptMessagesText, toolText } from './catalog-text';

/** One chat. */
export interface ChatSession {
  readonly client: StatefulMcpClient;
  readonly parts: ConversationParts;
  readonly answers: PreparedAnswers;
  readonly output: NodeJS.WriteStream;
  readonly paint: Paint;
  tools: readonly Tool[];
}

type Outcome = 'done' | 'failed' | 'end';

interface ChatCommand {
  readonly usage: string;
  readonly about: string;
  /** Cancelled by the signal. */
  readonly run: (rest: string, session: ChatSession, signal: AbortSignal) => Promise<string | undefined>;
}

/** Gives back the text to show; `undefined` is the end. */
const COMMANDS: Readonly<Record<string, ChatCommand>> = {
  tools: {
    usage: '/tools',
    about: 'list the tools, also those that are new',
    run: async (_rest, session, signal) => {
      session.tools = await session.client.listTools({ signal });
      return namesText(session.tools, 'tools', session.paint);
    },
  },
  describe: {
    usage: '/describe TOOL',
    about: 'show what a tool takes',
    run: (rest, { tools, paint }) => {
      const tool = tools.find(({ name }) => name === rest);
      const names = tools.map(({ name }) => name);
      return Promise.resolve(tool ? toolText(tool, paint) : `there is no tool ${amongNames(rest, names)}`);
    },
  },
  prompts: {
    usage: '/prompts',
    about: 'list the prompts',
    run: async (_rest, { client, paint }, signal) => namesText(await client.listPrompts({ signal }), 'prompts', paint),
  },
  prompt: {
    usage: '/prompt NAME [JSON]',
    about: 'show a prompt, filled in',
    run: async (rest, { client, paint }, signal) => {
      const [, name = '', json] = /^(\S*)\s*(.*)$/s.exec(rest) ?? [];
      const args = JSON.parse(json || '{}') as Record<string, string>;
      return promptMessagesText((await client.getPrompt(name, args, { signal })).messages, paint);
    },
  },
  resources: {
    usage: '/resources',
    about: 'list the resources',
    run: async (_rest, { client, paint }, signal) =>
      namesText(
        (await client.listResources({ signal })).map(({ uri, name, description }) => ({
          name: uri,
          description: description ?? name,
        })),
        'resources',
        paint,
      ),
  },
  read: {
    usage: '/read URI',
    about: 'show a resource',
    run: async (rest, { client }, signal) => {
      const { contents } = await client.readResource(rest, { signal });
      return contents
        .map(content => printable('text' in content ? content.text : `[${content.mimeType ?? 'binary'}]`))
        .join('\n');
    },
  },
  session: {
    usage: '/session',
    about: 'show the server and the session',
    run: (_rest, { client }) =>
      Promise.resolve(
        `${client.url.href}\nsession ${client.sessionId ?? '(none)'}, protocol ${client.protocolVersion}`,
      ),
  },
  help: {
    usage: '/help',
    about: 'show this',
    run: () =>
      Promise.resolve(
        [
          'TOOL, TOOL NAME=VALUE… or TOOL {JSON} calls a tool; what it requires besides is asked for.',
          ...Object.values(COMMANDS).map(({ usage, about }) => `  ${usage.padEnd(20)} ${about}`),
        ].join('\n'),
      ),
  },
  quit: { usage: '/quit', about: 'end, as Ctrl-D does', run: () => Promise.resolve(undefined) },
};

export const CHAT_COMMANDS = Object.keys(COMMANDS);

/** Does what `/name rest` says. Ctrl-C cancels it, and the chat goes on. */
export async function chatCommand(name: string, rest: string, session: ChatSession): Promise<Outcome> {
  const { output, parts } = session;
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (command === undefined) {
    parts.conversation.warn(
      `there is no ${amongNames(
        `/${name}`,
        CHAT_COMMANDS.map(known => `/${known}`),
      )}`,
    );
    return 'failed';
  }
  try {
    const text = await parts.shutdown.cancellable(signal => command.run(rest, session, signal));
    if (text === undefined) {
      return 'end';
    }
    output.write(`${text}\n`);
    return 'done';
  } catch (error) {
    if (!(error instanceof StatefulMcpClientError) && !(error instanceof SyntaxError)) {
      throw error;
    }
    const cancelled = error instanceof StatefulMcpClientError && error.code === 'ERR_CANCELLED';
    parts.conversation.warn(cancelled ? 'cancelled by Ctrl-C' : clientErrorText(error));
    return 'failed';
  }
}
