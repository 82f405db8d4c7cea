import type { Prompt, Resource, StatefulMcpClient } from 'stateful-mcp-client';
import type { CatalogInvocation } from '../../command-line/invocation';
import { amongNames } from '../../common/among-names';
import { Closing } from '../../common/closing';
import { CommandError, EXIT } from '../../common/command-error';
import type {
  PromptDocument,
  PromptsDocument,
  ResourceDocument,
  ResourcesDocument,
  ToolsDocument,
} from '../../common/json-documents';
import { printJson } from '../../common/print-json';
import type { Shutdown } from '../../common/shutdown';
import { runningServer } from '../../connection/running-server';
import { connectConversation } from '../../conversation/hold-conversation';
import { printable } from '../../common/printable';
import { terminalOf, type Terminal } from '../../terminal/terminal';
import { namesText, promptMessagesText, promptText, resourceText, toolText } from './catalog-text';
import { openConversation } from '../open-conversation';

/** Shows what a running server offers. */
export async function catalog(invocation: CatalogInvocation, shutdown: Shutdown): Promise<number> {
  const { target, session } = invocation;
  const closing = new Closing();
  try {
    const terminal = { stdin: process.stdin, env: process.env, yes: false };
    const { interactive } = terminalOf({ ...terminal, output: process.stderr });
    const server = await runningServer(target, session, { interactive });
    // The same capabilities as for a call: a kept session belongs to them.
    const silent = { yes: true, sampling: { by: 'scripted' } } as const;
    const { parts } = await openConversation(silent, process.stderr, shutdown, closing);
    const client = await connectConversation(server, parts, closing);
    const { paint } = terminalOf({ ...terminal, output: process.stdout });
    await shutdown.orEnd(show(client, invocation, paint));
    return EXIT.ok;
  } finally {
    await closing.close();
  }
}

async function show(client: StatefulMcpClient, invocation: CatalogInvocation, paint: Terminal['paint']): Promise<void> {
  switch (invocation.command) {
    case 'tools':
      return showTools(client, invocation, paint);
    case 'prompts':
      return showPrompts(client, invocation, paint);
    case 'resources':
      return showResources(client, invocation, paint);
  }
}

async function showTools(
  client: StatefulMcpClient,
  { wanted, json }: CatalogInvocation,
  paint: Terminal['paint'],
): Promise<void> {
  const tools = oneOrAll('tool', await client.listTools(), wanted, ({ name }) => name);
  const document: ToolsDocument = { ...origin(client), tools };
  print(json, document, () =>
    wanted.verb === 'list' ? namesText(tools, 'tools', paint) : tools.map(tool => toolText(tool, paint)).join('\n'),
  );
}

async function showPrompts(
  client: StatefulMcpClient,
  { wanted, json }: CatalogInvocation,
  paint: Terminal['paint'],
): Promise<void> {
  if (wanted.verb === 'get') {
    const { description, messages } = await client.getPrompt(wanted.name, { ...wanted.args });
    const document: PromptDocument = {
      ...origin(client),
      prompt: wanted.name,
      ...(description !== undefined && { description }),
      messages,
    };
    return print(json, document, () => promptMessagesText(messages, paint));
  }
  const prompts: Prompt[] = oneOrAll('prompt', await client.listPrompts(), wanted, ({ name }) => name);
  const document: PromptsDocument = { ...origin(client), prompts };
  print(json, document, () =>
    wanted.verb === 'list'
      ? namesText(prompts, 'prompts', paint)
      : prompts.map(prompt => promptText(prompt, paint)).join('\n'),
  );
}

async function showResources(
  client: StatefulMcpClient,
  { wanted, json }: CatalogInvocation,
  paint: Terminal['paint'],
): Promise<void> {
  if (wanted.verb === 'get') {
    return showContents(client, wanted.name, json);
  }
  const resources: Resource[] = oneOrAll('resource', await client.listResources(), wanted, ({ uri }) => uri);
  const templates =
    wanted.verb === 'list' && client.serverCapabilities.resources
      ? (await client.mcp.listResourceTemplates()).resourceTemplates
      : [];
  const document: ResourcesDocument = { ...origin(client), resources, templates };
  print(json, document, () =>
    wanted.verb === 'list'
      ? namesText(
          [
            ...resources.map(({ uri, title, name, description }) => ({
              name: uri,
              description: description ?? title ?? name,
            })),
            ...templates.map(({ uriTemplate, title, name, description }) => ({
              name: uriTemplate,
              description: `(template) ${description ?? title ?? name}`,
            })),
          ],
          'resources',
          paint,
        )
      : resources.map(resource => resourceText(resource, paint)).join('\n'),
  );
}

async function showContents(client: StatefulMcpClient, uri: string, json: boolean): Promise<void> {
  const { contents } = await client.readResource(uri);
  const document: ResourceDocument = { ...origin(client), uri, contents };
  if (json) {
    return printJson(document);
  }
  for (const content of contents) {
    if ('text' in content) {
      process.stdout.write(`${printable(content.text)}\n`);
    } else if (process.stdout.isTTY) {
      throw new CommandError(
        `${content.uri} is binary (${content.mimeType ?? 'of no stated type'}): send it to a file by \`> FILE\`, or pass \`--json\``,
      );
    } else {
      process.stdout.write(Buffer.from(content.blob, 'base64'));
    }
  }
}

function origin({ url, sessionId }: StatefulMcpClient): { server: string; session?: string } {
  return { server: url.href, ...(sessionId !== undefined && { session: sessionId }) };
}

function oneOrAll<Item>(
  what: string,
  items: Item[],
  wanted: CatalogInvocation['wanted'],
  nameOf: (item: Item) => string,
): Item[] {
  if (wanted.verb === 'list') {
    return items;
  }
  const one = items.find(item => nameOf(item) === wanted.name);
  if (one === undefined) {
    throw new CommandError(`the server lists no ${what} ${amongNames(wanted.name, items.map(nameOf))}`);
  }
  return [one];
}

function print<Document extends object>(json: boolean, document: Document, text: () => string): void {
  if (json) {
    printJson(document);
  } else {
    process.stdout.write(`${text()}\n`);
  }
}
