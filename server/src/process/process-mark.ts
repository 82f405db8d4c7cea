import type { McpServer } from '@modelcontextprotocol/server';
import { PROCESS_META_KEY } from 'stateful-mcp-contract';
import { kernelUuid } from '../common/kernel-random';

/** Drawn when it is asked for: then no snapshot of the process has it. */
let mark: string | undefined;

/** Has a server say which process answers, where a `ping` asks for it: so a check sees what a session runs on. */
export function answerWithProcess(server: McpServer): void {
  server.server.setRequestHandler('ping', ({ params }) =>
    params?._meta?.[PROCESS_META_KEY] === undefined ? {} : { _meta: { [PROCESS_META_KEY]: (mark ??= kernelUuid()) } },
  );
}
