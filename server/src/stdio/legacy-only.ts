import { JsonRpcCode, jsonRpcError } from '../common/json-rpc';
import type { Era } from '../http/http-face';

/**
 * For a server that speaks the legacy era only. A client that tries the modern era first takes this answer as the sign
 * to begin with `initialize`.
 */
export const legacyOnly: Era = {
  handle: (_request, body) =>
    Promise.resolve(
      jsonRpcError(
        400,
        JsonRpcCode.serverError,
        'Bad Request: this server speaks protocol 2025-11-25 and before; start a session with `initialize`',
        body,
      ),
    ),
  close: () => Promise.resolve(),
};
