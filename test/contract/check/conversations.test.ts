import {
  CheckDialogue,
  findingText,
  foldVerdicts,
  holdConversation,
  reportText,
  type CheckConversation,
  type CheckEra,
  type CheckFinding,
  type ToolOutcome,
} from 'stateful-mcp-contract';

const DONE: ToolOutcome = {
  content: [{ type: 'text', text: 'Stored 12.50 for ada.' }],
  structuredContent: { id: 7, lines: [{ cents: 1250 }] },
};
const AMOUNT = { message: 'How much did ada spend?', requestedSchema: { properties: { amount: {}, currency: {} } } };

/** Holds a conversation with a server that does this while its tool runs. */
function held(
  conversation: Omit<CheckConversation, 'tool'>,
  tool: (dialogue: CheckDialogue) => ToolOutcome | Promise<ToolOutcome> = () => DONE,
  era: CheckEra = 'legacy',
): Promise<CheckFinding> {
  const dialogue = new CheckDialogue(era);
  return holdConversation(
    {
      era,
      offer: () => Promise.reject(new Error('not asked for')),
      callTool: async () => tool(dialogue),
      judge: error => ({ verdict: 'inconclusive', got: String(error) }),
    },
    dialogue,
    { tool: 'add', ...conversation },
  );
}

/** Whoever answers the server's question fails when there is no answer; the server goes on. */
function ask(dialogue: CheckDialogue, question: Parameters<CheckDialogue['elicit']>[0] = AMOUNT): void {
  try {
    dialogue.elicit(question);
  } catch {
    // As a client does: the server gets an error instead of an answer.
  }
}

test.each<[string, Omit<CheckConversation, 'tool'>, ((dialogue: CheckDialogue) => ToolOutcome) | undefined]>([
  ['nothing that is asked of it', {}, undefined],
  [
    'a result',
    { result: { text: '12.50', matches: '^Stored .+$', structuredContent: { lines: [{ cents: 1250 }] } } },
    undefined,
  ],
  [
    'an error that is expected',
    { result: { isError: true, text: 'full' } },
    () => ({ isError: true, content: [{ type: 'text', text: 'It is full.' }] }),
  ],
  [
    'all answers in their order',
    { elicitation: [{ action: 'decline', question: 'Sure' }, { accept: { amount: 1 } }], sampling: ['Fine.'] },
    dialogue => {
      expect(dialogue.elicit(AMOUNT)).toEqual({ action: 'accept', content: { amount: 1 } });
      expect(dialogue.elicit({ message: 'Sure?' })).toEqual({ action: 'decline' });
      expect(dialogue.sample()).toMatchObject({ role: 'assistant', content: { text: 'Fine.' } });
      return DONE;
    },
  ],
  [
    'progress that rises',
    { progress: { atLeast: 2, atMost: 2 } },
    dialogue => {
      dialogue.progress(1);
      dialogue.progress(1.5);
      return DONE;
    },
  ],
])('a server passes with %s', async (_what, conversation, tool) => {
  expect(await held(conversation, tool)).toMatchObject({ check: 'conversation add', verdict: 'pass' });
});

test.each<
  [
    string,
    Omit<CheckConversation, 'tool'>,
    ((dialogue: CheckDialogue) => ToolOutcome | Promise<ToolOutcome>) | undefined,
    string,
  ]
>([
  [
    'another text',
    { result: { text: '13' } },
    undefined,
    'expected a text with "13"; got another text, of 21 characters',
  ],
  [
    'no match',
    { result: { matches: '^x' } },
    undefined,
    'expected a text that matches /^x/; got another text, of 21 characters',
  ],
  [
    'another value',
    { result: { structuredContent: { lines: [{ cents: 1 }] } } },
    undefined,
    'expected `structuredContent.lines[0].cents` to be 1; got another number',
  ],
  [
    'a value that is missing',
    { result: { structuredContent: { sum: 1 } } },
    undefined,
    'expected `structuredContent.sum` to be 1; got nothing',
  ],
  [
    'an error',
    {},
    () => ({ isError: true, content: [{ type: 'text', text: 'the table is gone' }] }),
    'expected a result that is no error; got the error of the tool "the table is gone"',
  ],
  [
    'no error',
    { result: { isError: true } },
    undefined,
    'expected an error of the tool; got a result that is no error',
  ],
  [
    'a question that nobody scripted',
    {},
    dialogue => {
      ask(dialogue);
      return DONE;
    },
    'expected no more questions than `elicitation` answers; got question 1 of the conversation, about `amount`, `currency`',
  ],
  [
    'a question for another answer',
    { elicitation: [{ action: 'decline', question: 'Sure' }] },
    dialogue => {
      ask(dialogue);
      return DONE;
    },
    'expected a question with "Sure"; got question 1 of the conversation, about `amount`, `currency`',
  ],
  [
    'a page in place of a form',
    { elicitation: [{ accept: {} }] },
    dialogue => {
      ask(dialogue, { message: 'Sign in', mode: 'url', url: 'https://example.com' });
      return DONE;
    },
    'expected a question with a form, since the next answer of `elicitation` fills one in; got question 1 of the conversation, about a page to visit',
  ],
  [
    'a form in place of a page',
    { elicitation: ['accept'] },
    dialogue => {
      ask(dialogue);
      return DONE;
    },
    'expected a question without a form, since the next answer of `elicitation` has no content; got question 1 of the conversation, about `amount`, `currency`',
  ],
  [
    'a sampling request that nobody scripted',
    {},
    dialogue => {
      expect(() => dialogue.sample()).toThrow('no more answers');
      return DONE;
    },
    'expected no more requests to the model than `sampling` answers; got one more, which is question 1 of the conversation',
  ],
  [
    'answers that are left',
    { elicitation: ['decline', 'cancel'], sampling: ['x'] },
    undefined,
    'expected questions for all scripted answers; got answers that nobody asked for: 2 of `elicitation`, 1 of `sampling`',
  ],
  ['no progress', { progress: { atLeast: 1 } }, undefined, 'expected at least 1 progress notifications; got 0'],
  [
    'too much progress',
    { progress: { atMost: 0 } },
    dialogue => {
      dialogue.progress(1);
      return DONE;
    },
    'expected at most 0 progress notifications; got 1',
  ],
  [
    'progress that falls',
    {},
    dialogue => {
      dialogue.progress(2);
      dialogue.progress(1);
      return DONE;
    },
    'expected progress that rises with each notification; got 1 after 2',
  ],
  [
    'no result in time',
    { timeoutMs: 20 },
    dialogue => {
      dialogue.progress(1);
      return new Promise<ToolOutcome>(() => undefined);
    },
    'expected a result of `add` within 20 ms; got none, after 1 progress notifications and 0 questions',
  ],
])('a server fails with %s', async (_what, conversation, tool, text) => {
  const finding = await held(conversation, tool);
  expect(finding.verdict).toBe('fail');
  expect(findingText(finding)).toBe(`conversation add (legacy): ${text}`);
});

test('what the platform did is not the fault of the server', async () => {
  const finding = await held({}, () => Promise.reject(new Error('throttled')));
  expect(finding).toMatchObject({ verdict: 'inconclusive', expected: 'a result of `add`', got: 'Error: throttled' });
});

test('in the modern era progress begins anew after each question', async () => {
  const tool = (dialogue: CheckDialogue): ToolOutcome => {
    dialogue.progress(5);
    dialogue.elicit(AMOUNT);
    dialogue.progress(1);
    return DONE;
  };
  const conversation = { elicitation: ['decline'], progress: { atLeast: 2 } } as const;
  expect((await held(conversation, tool, 'modern')).verdict).toBe('pass');
  expect((await held(conversation, tool, 'legacy')).verdict).toBe('fail');
});

test('one verdict comes of all findings', () => {
  const folded = (...verdicts: CheckFinding['verdict'][]): string =>
    foldVerdicts(verdicts.map(verdict => ({ verdict })));
  expect([folded(), folded('pass', 'inconclusive'), folded('inconclusive', 'fail', 'pass')]).toEqual([
    'pass',
    'inconclusive',
    'fail',
  ]);
});

test('words of others are on one line, bounded, and without tokens', () => {
  const token = ['eyJhbGciOiJub25lIn0', 'eyJzdWIiOiJhZGEifQ', 'c2lnbmF0dXJl'].join('.');
  expect(reportText(`a\n\u001b[31m b ${token} and Authorization: Bearer s3cret-value-1`)).toBe(
    'a [31m b (a token) and Authorization: (a token)',
  );
  expect(reportText('x'.repeat(1000))).toHaveLength(400);
});
