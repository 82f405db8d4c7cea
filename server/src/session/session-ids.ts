import { kernelUuid } from '../common/kernel-random';

/**
 * The ids that AgentCore can give back to a client: 1 to 100 characters of the pattern `[a-zA-Z0-9][a-zA-Z0-9-_]*`
 * (the `SessionId` shape in the service model of InvokeAgentRuntime).
 */
const ADOPTABLE = /^[a-zA-Z0-9][a-zA-Z0-9_-]{0,99}$/;

/**
 * The id of a session that is being initialized. One that came with the request is the platform's, which routes by it:
 * it is adopted, so that both sides agree. Without one, or with one of another form, the session gets a new id.
 */
export function sessionIdFor(offered: string | null): string {
  return offered !== null && isSessionId(offered) ? offered : kernelUuid();
}

/** Whether a session can have this id. */
export function isSessionId(id: string): boolean {
  return ADOPTABLE.test(id);
}
