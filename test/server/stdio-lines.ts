// What stdio servers write: lines that answer a call, for `saying-stdio-server.mjs`, which puts the id of the call where
// `$ID` stands. Both bridges, in TypeScript and in Python, read them in the same way.
const RESULT = '"result":{"content":[{"type":"text","text":"said"}]}';

/** Results, by what is around them. */
export const RESULTS: readonly [string, readonly string[]][] = [
  ['`error: null`', [`{"jsonrpc":"2.0","id":$ID,${RESULT},"error":null}`]],
  ['members that JSON-RPC does not have', [`{"jsonrpc":"2.0","id":$ID,${RESULT},"method":null,"type":"response"}`]],
  ['its id as a text', [`{"jsonrpc":"2.0","id":"$ID",${RESULT}}`]],
  ['a byte order mark', [`\uFEFF{"jsonrpc":"2.0","id":$ID,${RESULT}}`]],
  [
    'a batch',
    [
      `[{"jsonrpc":"2.0","method":"notifications/tools/list_changed","params":null},{"jsonrpc":"2.0","id":$ID,${RESULT}}]`,
    ],
  ],
  ['lines before it that are no messages', ['ready', '5', '[]', `{"jsonrpc":"2.0","id":$ID,${RESULT}}`]],
];

/** Answers that are none. */
export const UNREADABLE_ANSWERS: readonly [string, string][] = [
  ['whose error has no message', '{"jsonrpc":"2.0","id":$ID,"error":{"code":-32000}}'],
  ['whose error is a text', '{"jsonrpc":"2.0","id":$ID,"error":"broken"}'],
  ['whose error has a text for its code', '{"jsonrpc":"2.0","id":$ID,"error":{"code":"EBROKEN","message":"broken"}}'],
  ['whose result is a text', '{"jsonrpc":"2.0","id":$ID,"result":"said"}'],
  ['with both', `{"jsonrpc":"2.0","id":$ID,${RESULT},"error":{"code":1,"message":"m"}}`],
  ['with neither', '{"jsonrpc":"2.0","id":"$ID","result":null}'],
  ['without `jsonrpc`', `{"id":$ID,${RESULT}}`],
];

/** Errors without an id. */
export const ERRORS_WITHOUT_ID: readonly [string, string][] = [
  ['null', '{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"broken"}}'],
  ['none', '{"jsonrpc":"2.0","error":{"code":-32700,"message":"broken"}}'],
];

/** Questions that are no requests. */
export const UNREADABLE_QUESTIONS: readonly string[] = [
  '{"jsonrpc":"2.0","id":77,"method":"elicitation/create","params":"none"}',
  '{"id":77,"method":"elicitation/create","params":{}}',
];
