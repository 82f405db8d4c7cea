import {
  isInputRequiredResult,
  type CallToolResult,
  type GetPromptResult,
  type InputRequiredResult,
  type ReadResourceResult,
  type ServerContext,
  type Variables,
} from '@modelcontextprotocol/server';
import { converseBy, type InteractiveOptions } from './converse';
import type { Interaction } from './interaction';
import { refusalIn, sayRefusal, watchRefusals, type WatchedInteraction } from './refusal';

/** A handler for `McpServer.registerTool`. The tool needs an `inputSchema`, if only `z.object({})`. */
export type InteractiveToolCallback<Args> = (
  args: Args,
  ctx: ServerContext,
) => Promise<CallToolResult | InputRequiredResult>;

/** A handler for `McpServer.registerPrompt`. The prompt needs an `argsSchema`, if only `z.object({})`. */
export type InteractivePromptCallback<Args> = (
  args: Args,
  ctx: ServerContext,
) => Promise<GetPromptResult | InputRequiredResult>;

/** A handler for `McpServer.registerResource`, be it of one resource or of a template. */
export interface InteractiveResourceCallback {
  (uri: URL, ctx: ServerContext): Promise<ReadResourceResult | InputRequiredResult>;
  (uri: URL, variables: Variables, ctx: ServerContext): Promise<ReadResourceResult | InputRequiredResult>;
}

/** Which resource is read. */
export interface ResourceRequest {
  readonly uri: URL;
  /** What the URI has in the places of its template's variables; empty for a resource without a template. */
  readonly variables: Variables;
}

/**
 * Makes a tool handler that can ask the user, ask the client's model and report progress while it runs, written once
 * for both eras.
 *
 * ```ts
 * server.registerTool('greet', { description: 'Greets the user.', inputSchema: z.object({}) }, interactive(async (_args, io) => {
 *   const { name } = await io.elicitContent('What is your name?', z.object({ name: z.string() }));
 *   return { content: [{ type: 'text', text: `Hello, ${name}!` }] };
 * }));
 * ```
 * @throws ServerKitError `ERR_INVALID_OPTION`
 */
export function interactive<Args>(
  handler: (args: Args, io: Interaction) => CallToolResult | Promise<CallToolResult>,
  options: InteractiveOptions = {},
): InteractiveToolCallback<Args> {
  const converse = converseBy(options);
  return async (args, ctx) => {
    let watched: WatchedInteraction | undefined;
    try {
      const result = await converse(ctx, async io => {
        watched = watchRefusals(io);
        return await handler(args, watched.io);
      });
      return watched?.refused() && !isInputRequiredResult(result) ? sayRefusal(result, ctx) : result;
    } catch (error) {
      const refusal = refusalIn(error);
      if (!refusal) {
        throw error;
      }
      return sayRefusal({ content: [{ type: 'text', text: refusal.message }] }, ctx);
    }
  };
}

/**
 * Makes a prompt handler of the same kind. A prompt has no results that are errors: whatever the handler throws, a
 * refusal of the user included, reaches the client as an error of the protocol with its message.
 *
 * ```ts
 * server.registerPrompt('review', { description: 'Reviews.', argsSchema: z.object({}) }, interactivePrompt(async (_args, io) => {
 *   const { topic } = await io.elicitContent('Review what?', z.object({ topic: z.string() }));
 *   return { messages: [{ role: 'user', content: { type: 'text', text: `Review ${topic}.` } }] };
 * }));
 * ```
 * @throws ServerKitError `ERR_INVALID_OPTION`
 */
export function interactivePrompt<Args>(
  handler: (args: Args, io: Interaction) => GetPromptResult | Promise<GetPromptResult>,
  options: InteractiveOptions = {},
): InteractivePromptCallback<Args> {
  const converse = converseBy(options);
  return (args, ctx) => withError(converse(ctx, async io => await handler(args, io)));
}

/**
 * Makes a handler of the same kind for reading a resource. Whatever it throws reaches the client as an error of the
 * protocol with its message.
 *
 * ```ts
 * server.registerResource('statement', new ResourceTemplate('statement://{month}', { list: undefined }), {}, interactiveResource(async ({ uri, variables }, io) => {
 *   const { currency } = await io.elicitContent('In which currency?', z.object({ currency: z.enum(['EUR', 'USD']) }));
 *   return { contents: [{ uri: uri.href, text: `${variables['month']} in ${currency}` }] };
 * }));
 * ```
 * @throws ServerKitError `ERR_INVALID_OPTION`
 */
export function interactiveResource(
  handler: (resource: ResourceRequest, io: Interaction) => ReadResourceResult | Promise<ReadResourceResult>,
  options: InteractiveOptions = {},
): InteractiveResourceCallback {
  const converse = converseBy(options);
  return (uri: URL, ...rest: [ServerContext] | [Variables, ServerContext]) => {
    const [variables, ctx] = rest.length === 1 ? [{}, rest[0]] : rest;
    return withError(converse(ctx, async io => await handler({ uri, variables }, io)));
  };
}

/** The SDK reads members of whatever a handler throws, and answers nothing when it has none. */
async function withError<Result>(result: Promise<Result>): Promise<Result> {
  try {
    return await result;
  } catch (thrown) {
    if (typeof thrown === 'object' && thrown !== null) {
      throw thrown as Error;
    }
    throw new Error(typeof thrown === 'string' && thrown !== '' ? thrown : 'the handler failed, and does not say why');
  }
}
