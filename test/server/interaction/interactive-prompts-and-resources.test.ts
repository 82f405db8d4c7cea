import { ResourceTemplate, type McpServer } from '@modelcontextprotocol/server';
import * as z from 'zod';
import { interactivePrompt, interactiveResource, type InteractiveOptions } from 'stateful-mcp-server';
import {
  CLIENT_KINDS,
  closeClients,
  connectClient,
  LEGACY_KINDS,
  type ConnectOptions,
  type TestClient,
} from '../clients';
import { closeKits, INITIALIZE, modernCall, openKit, post, URL_OF_KIT } from '../kit';

afterEach(async () => {
  await closeClients();
  await closeKits();
});

const CURRENCY = z.object({ currency: z.enum(['EUR', 'USD']) });

function register(server: McpServer, options: InteractiveOptions = {}): void {
  server.registerPrompt(
    'review',
    { description: 'Reviews.', argsSchema: z.object({ who: z.string().optional() }) },
    interactivePrompt(async ({ who }, io) => {
      const effect = await io.once(() => 'noted');
      const { currency } = await io.elicitContent(`In which currency, ${who ?? 'stranger'}?`, CURRENCY);
      const { content } = await io.sample({
        messages: [{ role: 'user', content: { type: 'text', text: currency } }],
        maxTokens: 5,
      });
      return {
        messages: [
          { role: 'assistant', content },
          { role: 'user', content: { type: 'text', text: effect } },
        ],
      };
    }, options),
  );
  const read = interactiveResource(async ({ uri, variables }, io) => {
    const answer = await io.elicit('In which currency?', CURRENCY);
    return { contents: [{ uri: uri.href, text: `${JSON.stringify(variables)} ${JSON.stringify(answer)}` }] };
  }, options);
  server.registerResource('total', 'statement://total', {}, read);
  server.registerResource(
    'statement',
    new ResourceTemplate('statement://months/{month}', { list: undefined }),
    {},
    read,
  );
}

const ANSWERS: ConnectOptions = {
  elicit: () => ({ action: 'accept', content: { currency: 'EUR' } }),
  sample: prompt => `about ${prompt}`,
};

async function connect(
  kind: (typeof CLIENT_KINDS)[number],
  options: ConnectOptions = ANSWERS,
  interactive: InteractiveOptions = {},
): Promise<TestClient> {
  return await connectClient(kind, URL_OF_KIT, {
    fetch: openKit(server => register(server, interactive)).fetch,
    ...options,
  });
}

describe.each(['replay', 'park'] as const)('in %s mode', modernMode => {
  test.each(CLIENT_KINDS)('%s: a prompt asks the user and the model', async kind => {
    const client = await connect(kind, ANSWERS, { modernMode });
    expect(JSON.parse(await client.getPrompt('review', { who: 'Ada' }))).toMatchObject({
      messages: [
        { role: 'assistant', content: { type: 'text', text: 'about EUR' } },
        { role: 'user', content: { type: 'text', text: 'noted' } },
      ],
    });
  });

  test.each(CLIENT_KINDS)('%s: a resource and one of a template ask the user', async kind => {
    const client = await connect(kind, ANSWERS, { modernMode });
    const answer = JSON.stringify({ action: 'accept', content: { currency: 'EUR' } });
    expect(JSON.parse(await client.readResource('statement://total'))).toMatchObject({
      contents: [{ uri: 'statement://total', text: `{} ${answer}` }],
    });
    expect(JSON.parse(await client.readResource('statement://months/may'))).toMatchObject({
      contents: [{ text: `{"month":"may"} ${answer}` }],
    });
  });
});

test.each(CLIENT_KINDS)('%s: a refusal that the handler does not expect is an error that says so', async kind => {
  const client = await connect(kind, { ...ANSWERS, elicit: () => ({ action: 'decline' }) });
  await expect(client.getPrompt('review', {})).rejects.toThrow(
    'the user declined to answer: In which currency, stranger?',
  );
});

test.each(LEGACY_KINDS)('%s is told which capability is missing', async kind => {
  await expect((await connect(kind, {})).getPrompt('review', {})).rejects.toThrow(
    'the client did not declare the `elicitation` capability',
  );
});

test('SDK v2 modern gets the error of the protocol for a missing capability', async () => {
  await expect((await connect('SDK v2 modern', {})).readResource('statement://total')).rejects.toMatchObject({
    code: -32021,
  });
});

test('sends the question on the stream of the call it belongs to', async () => {
  const kit = openKit(register);
  const initialized = await post(kit, {
    ...INITIALIZE,
    params: { ...INITIALIZE.params, capabilities: { elicitation: {} } },
  });
  const session = { 'mcp-session-id': initialized.headers.get('mcp-session-id')! };
  const call = await post(
    kit,
    { jsonrpc: '2.0', id: 7, method: 'resources/read', params: { uri: 'statement://total' } },
    session,
  );
  const reader = call.body!.getReader();
  let text = '';
  while (!text.includes('elicitation/create')) {
    text += new TextDecoder().decode((await reader.read()).value);
  }
  await reader.cancel();
});

test('binds the state of a conversation to the resource', async () => {
  const kit = openKit(register);
  const read = (uri: string, requestState?: unknown) =>
    modernCall(kit, {
      method: 'resources/read',
      name: uri,
      uri,
      ...(requestState !== undefined && { requestState, inputResponses: { q0: { action: 'cancel' } } }),
    });
  const { result } = await read('statement://months/may');
  expect((await read('statement://months/june', result!.requestState)).error).toMatchObject({ code: -32602 });
  expect((await read('statement://months/may', result!.requestState)).result).toMatchObject({
    contents: [{ text: '{"month":"may"} {"action":"cancel"}' }],
  });
});

const THROWN: readonly unknown[] = [undefined, null, '', 'in words', 0, new Error('in words')];

test.each(CLIENT_KINDS.flatMap(kind => THROWN.map(thrown => ({ kind, thrown }))))(
  'whatever a handler throws is an error of the protocol: $thrown ($kind)',
  async ({ kind, thrown }) => {
    const fail = (): never => {
      throw thrown;
    };
    const kit = openKit(server => {
      server.registerPrompt('fail', { argsSchema: z.object({}) }, interactivePrompt(fail));
      server.registerResource('fail', 'fail://', {}, interactiveResource(fail));
    });
    const client = await connectClient(kind, URL_OF_KIT, { ...ANSWERS, fetch: kit.fetch });
    const text = String(thrown).includes('in words') ? 'in words' : 'does not say why';
    await expect(client.getPrompt('fail', {})).rejects.toThrow(text);
    await expect(client.readResource('fail://')).rejects.toThrow(text);
  },
);
