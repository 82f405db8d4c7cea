// Handlers that write the rounds of the modern era by hand, where a scenario asks for keys or combinations of its own.
import {
  acceptedContent,
  inputRequired,
  inputResponse,
  CLIENT_CAPABILITIES_META_KEY,
  type ClientCapabilities,
  type InputRequest,
  type InputRequests,
  type McpServer,
  type ServerContext,
  type ServerNotifier,
} from '@modelcontextprotocol/server';
import * as z from 'zod';
import { requestStateOf } from 'stateful-mcp-server';
import { text } from './content-fixtures';

const NO_ARGUMENTS = z.object({});
const NAME = z.object({ name: z.string() });

function ask(message: string, property: string): InputRequest {
  return inputRequired.elicit({
    message,
    requestedSchema: { type: 'object', properties: { [property]: { type: 'string' } }, required: [property] },
  });
}

function sample(prompt: string): InputRequest {
  return inputRequired.createMessage({ messages: [{ role: 'user', content: text(prompt) }], maxTokens: 100 });
}

export function registerRounds(server: McpServer, notify: () => ServerNotifier | undefined): void {
  type Result = { content: ReturnType<typeof text>[] } | ReturnType<typeof inputRequired>;
  const tool = (name: string, handler: (ctx: ServerContext) => Result): void => {
    server.registerTool(name, { description: name, inputSchema: NO_ARGUMENTS }, (_args, ctx) => handler(ctx));
  };
  const done = (value: string): Result => ({ content: [text(value)] });

  tool('test_trigger_tool_change', () => {
    notify()?.toolsChanged();
    return done('published');
  });
  tool('test_trigger_prompt_change', () => {
    notify()?.promptsChanged();
    return done('published');
  });
  tool('test_input_required_result_elicitation', ({ mcpReq }) => {
    const user = acceptedContent(mcpReq.inputResponses, 'user_name', NAME);
    return user
      ? done(`Hello, ${user.name}!`)
      : inputRequired({ inputRequests: { user_name: ask('What is your name?', 'name') } });
  });
  tool('test_input_required_result_sampling', ({ mcpReq }) => {
    const answer = inputResponse(mcpReq.inputResponses, 'capital_question');
    return answer.kind === 'sampling'
      ? done(JSON.stringify(answer.result.content))
      : inputRequired({ inputRequests: { capital_question: sample('What is the capital of France?') } });
  });
  tool('test_input_required_result_list_roots', ({ mcpReq }) => {
    const answer = inputResponse(mcpReq.inputResponses, 'client_roots');
    return answer.kind === 'roots'
      ? done(`${answer.roots.length} roots`)
      : inputRequired({ inputRequests: { client_roots: inputRequired.listRoots() } });
  });
  tool('test_input_required_result_multiple_inputs', ctx => {
    const { user_name: name, greeting, client_roots: roots } = ctx.mcpReq.inputResponses ?? {};
    if (name && greeting && roots) {
      return done('all answered');
    }
    const inputRequests = {
      user_name: ask('What is your name?', 'name'),
      greeting: sample('Generate a greeting'),
      client_roots: inputRequired.listRoots(),
    };
    return inputRequired({
      inputRequests,
      requestState: requestStateOf(ctx).mint({ asked: Object.keys(inputRequests) }),
    });
  });
  tool('test_input_required_result_capabilities', ({ mcpReq }) => {
    if (mcpReq.inputResponses) {
      return done('answered');
    }
    const declared = (mcpReq.envelope as Record<string, unknown> | undefined)?.[CLIENT_CAPABILITIES_META_KEY] as
      ClientCapabilities | undefined;
    const inputRequests: InputRequests = {
      ...(declared?.elicitation && { user_name: ask('What is your name?', 'name') }),
      ...(declared?.sampling && { greeting: sample('Generate a greeting') }),
      ...(declared?.roots && { client_roots: inputRequired.listRoots() }),
    };
    return Object.keys(inputRequests).length > 0 ? inputRequired({ inputRequests }) : done('nothing to ask with');
  });
  server.registerPrompt(
    'test_input_required_result_prompt',
    { description: 'Asks before it answers.' },
    ({ mcpReq }) => {
      const answer = acceptedContent(mcpReq.inputResponses, 'user_context', z.object({ context: z.string() }));
      return answer
        ? { messages: [{ role: 'user', content: text(answer.context) }] }
        : inputRequired({ inputRequests: { user_context: ask('What context should the prompt use?', 'context') } });
    },
  );
}
