import type { Tool } from 'stateful-mcp-client';
import { PreparedAnswers } from '../../../command/src/conversation/answers';
import { argumentSchema } from '../../../command/src/conversation/tool-arguments';

function tool(inputSchema: Record<string, unknown>): Tool {
  return { name: 'tool', inputSchema: { type: 'object', ...inputSchema } };
}

test('asks for what is required, and for what was prepared', () => {
  const wanted = tool({
    properties: { a: { type: 'string' }, b: { type: 'string' }, c: { type: 'string' } },
    required: ['a'],
  });
  expect(argumentSchema(wanted, new PreparedAnswers({ c: 'x', d: 'y' }))).toEqual({
    properties: { a: { type: 'string' }, c: { type: 'string' } },
    required: ['a'],
  });
});

test('asks for nothing when nothing is required', () => {
  expect(argumentSchema(tool({}), new PreparedAnswers())).toBeUndefined();
  expect(argumentSchema(tool({ properties: { a: { type: 'string' } } }), new PreparedAnswers())).toBeUndefined();
});

test('says which argument it cannot ask for', () => {
  expect(() =>
    argumentSchema(tool({ properties: { a: { type: 'object' } }, required: ['a'] }), new PreparedAnswers()),
  ).toThrow(
    '`tool` needs `a`, which is not a text, number, boolean or choice and cannot be asked for: use `stateful-mcp call --url URL tool JSON`',
  );
});
