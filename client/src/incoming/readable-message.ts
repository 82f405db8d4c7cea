import type { JSONRPCMessage, RequestId } from '@modelcontextprotocol/client';
import { isSchema, standardForm } from './form-schema';
import { validated, type SpecType } from './validation';

/** Requests of a server, by what the SDK knows them as. */
const REQUESTS: Readonly<Record<string, SpecType>> = {
  'elicitation/create': 'ElicitRequest',
  'sampling/createMessage': 'CreateMessageRequest',
  'roots/list': 'ListRootsRequest',
  ping: 'PingRequest',
};

const NOTIFICATIONS: Readonly<Record<string, SpecType>> = {
  'notifications/cancelled': 'CancelledNotification',
  'notifications/elicitation/complete': 'ElicitationCompleteNotification',
  'notifications/message': 'LoggingMessageNotification',
  'notifications/progress': 'ProgressNotification',
  'notifications/resources/updated': 'ResourceUpdatedNotification',
};

/** Results, by the method of the request that they answer. */
const RESULTS: Readonly<Record<string, SpecType>> = {
  'completion/complete': 'CompleteResult',
  initialize: 'InitializeResult',
  'prompts/get': 'GetPromptResult',
  'prompts/list': 'ListPromptsResult',
  'resources/list': 'ListResourcesResult',
  'resources/read': 'ReadResourceResult',
  'resources/templates/list': 'ListResourceTemplatesResult',
  'server/discover': 'DiscoverResult',
  'tools/call': 'CallToolResult',
  'tools/list': 'ListToolsResult',
};

const MEMBERS = ['jsonrpc', 'id', 'method', 'params', 'result', 'error'] as const;

const INVALID_REQUEST = -32600;
const INVALID_PARAMS = -32602;

/** A message that cannot be read. */
export interface Unreadable {
  readonly reason: string;
  /** The request that it is, if it is one: the server waits for an answer to it. */
  readonly question?: { readonly id: RequestId; readonly code: number };
}

export type ReadMessage = { readonly message: JSONRPCMessage } | { readonly unreadable: Unreadable };

type Members = Readonly<Partial<Record<(typeof MEMBERS)[number], unknown>>>;

/**
 * Makes what a server sent readable for the SDK, which drops whatever does not fit its schemas to the letter.
 *
 * @param sent - the parsed JSON
 * @param context.hasNulls - whether there may be a null in it
 * @param context.answeredMethod - the method of the request that it came in answer to
 */
export function readMessage(
  sent: unknown,
  context: { readonly hasNulls: boolean; readonly answeredMethod?: string },
): ReadMessage {
  if (!isSchema(sent)) {
    return unreadable('a message of the server is not a JSON object');
  }
  const members: Members = Object.fromEntries(
    MEMBERS.filter(name => sent[name] !== undefined && sent[name] !== null).map(name => [name, sent[name]]),
  );
  if (typeof members.method !== 'string') {
    return readResponse(members, context);
  }
  const isNotification = !('id' in sent) || (sent.id === null && members.method.startsWith('notifications/'));
  return isNotification ? readNotification(members, members.method) : readRequest(members, members.method);
}

function readRequest(members: Members, method: string): ReadMessage {
  const { id } = members;
  if (typeof id !== 'string' && typeof id !== 'number') {
    return unreadable(`the \`id\` of \`${method}\` is ${JSON.stringify(id ?? null)}, not a text or a number`);
  }
  const envelope = validated('JSONRPCRequest', members);
  if (envelope.problem !== undefined) {
    return unreadable(problemText(method, envelope.problem), { id, code: INVALID_REQUEST });
  }
  const { value, problem } = validatedQuestion(method, envelope.value);
  return problem === undefined
    ? { message: value as JSONRPCMessage }
    : unreadable(problemText(method, problem), { id, code: INVALID_PARAMS });
}

/** Where the schema of a form travels past the SDK, which knows only some of the words that servers use in it. */
export const FORM = 'stateful-mcp-client/form';

/** Validates the parameters of a request of the server, sent by itself or within a result. */
export function validatedQuestion(method: string, request: unknown): { value: unknown; problem?: string } {
  const type = REQUESTS[method];
  if (type === undefined) {
    return { value: request };
  }
  const params = isSchema(request) ? request.params : undefined;
  if (method !== 'elicitation/create' || !isSchema(params)) {
    return validated(type, request);
  }
  if (params.mode === 'url') {
    // Which members it has depends on the protocol version; these two are needed in each.
    const missing = ['message', 'url'].find(name => typeof params[name] !== 'string');
    return missing === undefined
      ? { value: validated(type, request).value }
      : { value: request, problem: `\`params.${missing}\` is not a text` };
  }
  const form = params.requestedSchema;
  if (!isSchema(form) || !isSchema(form.properties)) {
    return { value: request, problem: '`params.requestedSchema` is not a JSON Schema with `properties`' };
  }
  const odd = Object.entries(form.properties).find(([, property]) => !isSchema(property));
  if (odd !== undefined) {
    return { value: request, problem: `the field \`${odd[0]}\` of \`params.requestedSchema\` is not a JSON Schema` };
  }
  const meta = isSchema(params._meta) ? params._meta : {};
  const read = validated('ElicitRequestFormParams', {
    ...params,
    _meta: { ...meta, [FORM]: standardForm(form) },
    requestedSchema: { type: 'object', properties: {} },
  });
  return { value: { ...(request as object), params: read.value }, problem: read.problem };
}

function readNotification(members: Members, method: string): ReadMessage {
  const envelope = validated('JSONRPCNotification', members);
  const type = NOTIFICATIONS[method];
  const { value, problem } =
    envelope.problem === undefined && type !== undefined ? validated(type, envelope.value) : envelope;
  return problem === undefined ? { message: value as JSONRPCMessage } : unreadable(problemText(method, problem));
}

function readResponse(members: Members, { hasNulls, answeredMethod }: Parameters<typeof readMessage>[1]): ReadMessage {
  const { value, problem } = validated(
    members.error === undefined ? 'JSONRPCResultResponse' : 'JSONRPCErrorResponse',
    members,
  );
  if (problem !== undefined) {
    return unreadable(`the server sent what is neither a request nor a response (${problem})`);
  }
  const message = value as JSONRPCMessage;
  if (!('result' in message) || answeredMethod === undefined) {
    return { message };
  }
  return readResult(message, answeredMethod, hasNulls);
}

function readResult(
  response: JSONRPCMessage & { result: Record<string, unknown> },
  method: string,
  hasNulls: boolean,
): ReadMessage {
  const { inputRequests } = response.result;
  if (isSchema(inputRequests)) {
    const questions: Record<string, unknown> = {};
    for (const [name, request] of Object.entries(inputRequests)) {
      const asked = isSchema(request) && typeof request.method === 'string' ? request.method : '';
      const { value, problem } = validatedQuestion(asked, request);
      if (problem !== undefined) {
        return unreadable(problemText(asked, problem));
      }
      questions[name] = value;
    }
    return { message: { ...response, result: { ...response.result, inputRequests: questions } } };
  }
  const type = hasNulls ? RESULTS[method] : undefined;
  // Whether a result fits is for the SDK to say, which knows the protocol version. Here are only its nulls removed.
  const result = type === undefined ? response.result : validated(type, response.result).value;
  return { message: { ...response, result: result as Record<string, unknown> } };
}

function problemText(method: string, problem: string): string {
  return `\`${method}\` of the server cannot be read: ${problem}`;
}

function unreadable(reason: string, question?: Unreadable['question']): ReadMessage {
  return { unreadable: { reason, question } };
}
