import type { ElicitRequestFormParams } from 'stateful-mcp-client';
import { formContent } from '../../../client/src/conversation/form-content';

function question(properties: Record<string, unknown>): ElicitRequestFormParams {
  return { message: 'q', requestedSchema: { type: 'object', properties } } as ElicitRequestFormParams;
}

test.each([String.raw`^\d{3}\-\d{4}$`, String.raw`^[\w-.]+$`, '^(?P<area>[0-9-]+)$', String.raw`\A[0-9-]+\Z`])(
  'leaves the pattern %s, which is of another language, to the server',
  async pattern => {
    const asked = question({ phone: { type: 'string', pattern, maxLength: 8 } });
    expect(await formContent({ phone: '555-0100' }, asked)).toEqual({ phone: '555-0100' });
    await expect(formContent({ phone: '555-01000' }, asked)).rejects.toMatchObject({ code: 'ERR_ELICITATION_ANSWER' });
  },
);

test('checks a pattern of JavaScript', async () => {
  const asked = question({ phone: { type: 'string', pattern: String.raw`^\p{Nd}+$` } });
  expect(await formContent({ phone: '5' }, asked)).toEqual({ phone: '5' });
  await expect(formContent({ phone: 'x' }, asked)).rejects.toMatchObject({ code: 'ERR_ELICITATION_ANSWER' });
});

test.each([
  [{ type: 'string', format: 'email', default: '' }],
  [{ type: 'integer', default: '3' }],
  [{ type: 'string', enum: ['a', 'b'], default: 'z' }],
  [{ type: 'array', items: { type: 'string', enum: ['a'] }, default: 'a' }],
])('a default that does not fit its field %j is none', async field => {
  const asked = question({ field, other: { type: 'string', default: 'x' } });
  expect(await formContent({}, asked)).toEqual({ other: 'x' });
});
