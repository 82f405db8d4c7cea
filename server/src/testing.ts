// Unit tests of interactive tools, prompts and resources: a client in memory with scripted answers. A package of its
// own inside the package, so that nothing of it is bundled with a server; needs `@modelcontextprotocol/client`.
export { openTestClient, type TestClient, type TestClientOptions, type TestToolResult } from './testing/test-client';
export type { Question, ScriptedContent, ScriptedElicitation, ScriptedSample } from './testing/script';
export { runCheck, type RunCheckOptions } from './testing/run-check';
export type {
  CheckAnswer,
  CheckConversation,
  CheckDefinition,
  CheckEra,
  CheckFinding,
  CheckLatency,
  CheckProgress,
  CheckResult,
  CheckVerdict,
} from 'stateful-mcp-contract';
