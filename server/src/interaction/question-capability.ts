import {
  CLIENT_CAPABILITIES_META_KEY,
  type ClientCapabilities,
  type InputRequest,
  type ServerContext,
} from '@modelcontextprotocol/server';
import { CapabilityNotDeclaredError } from '../common/errors';

/** What a handler can ask. Where the client's folders are is no question of ours: the protocol deprecates roots. */
export type Question = Exclude<InputRequest, { readonly method: 'roots/list' }>;

/** Whether the client declared what a question needs. */
export function isDeclared(question: Question, capabilities: ClientCapabilities): boolean {
  return missingCapability(question, capabilities) === undefined;
}

/** @throws CapabilityNotDeclaredError */
export function requireDeclared(question: Question, capabilities: ClientCapabilities): void {
  const missing = missingCapability(question, capabilities);
  if (missing) {
    throw new CapabilityNotDeclaredError(missing, question, ADVICE[missing]);
  }
}

const ADVICE = {
  elicitation: 'this tool has to ask the user, so call it from a client that supports elicitation',
  'elicitation.url':
    'this tool has to send the user to a page, so call it from a client that supports elicitation in URL mode',
  sampling: 'this tool has to ask a model, so call it from a client that supports sampling',
  'sampling.tools':
    'this tool has to ask a model that can call tools, so call it from a client that supports tools in sampling',
} as const;

function missingCapability(
  { method, params }: Question,
  { elicitation, sampling }: ClientCapabilities,
): keyof typeof ADVICE | undefined {
  switch (method) {
    case 'elicitation/create':
      if (!elicitation) {
        return 'elicitation';
      }
      if (params.mode === 'url') {
        return elicitation.url ? undefined : 'elicitation.url';
      }
      // `elicitation: {}` is how a client without modes declares forms.
      return (elicitation.form ?? !elicitation.url) ? undefined : 'elicitation';
    case 'sampling/createMessage':
      if (!sampling) {
        return 'sampling';
      }
      return (params.tools ?? params.toolChoice) && !sampling.tools ? 'sampling.tools' : undefined;
  }
}

/**
 * What the client declared in the envelope of a modern request. The SDK has checked its form and leaves its type open.
 */
export function declaredCapabilities(ctx: ServerContext): ClientCapabilities {
  const envelope = ctx.mcpReq.envelope as Record<string, unknown> | undefined;
  return (envelope?.[CLIENT_CAPABILITIES_META_KEY] as ClientCapabilities | undefined) ?? {};
}
