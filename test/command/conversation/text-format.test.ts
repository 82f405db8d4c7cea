import {
  costText,
  durationText,
  progressText,
  resultText,
  samplingText,
  valueText,
} from '../../../command/src/conversation/text-format';

test.each([
  [0, '0 s'],
  [430, '0.4 s'],
  [9_000, '9 s'],
  [59_600, '1 min'],
  [899_000, '14 min 59 s'],
  [28_800_000, '8 h'],
  [28_798_000, '7 h 59 min 58 s'],
])('says %d ms as %s', (milliseconds, text) => {
  expect(durationText(milliseconds)).toBe(text);
});

test('says how far something is', () => {
  expect(progressText({ progress: 3, total: 5 })).toBe('3/5');
  expect(progressText({ progress: 3 })).toBe('3');
});

test('shows the text of a result, and names the rest', () => {
  expect(
    resultText({
      content: [
        { type: 'text', text: 'two\nlines' },
        { type: 'image', data: '', mimeType: 'image/png' },
        { type: 'resource_link', uri: 'note://1', name: 'one' },
        { type: 'resource', resource: { uri: 'note://2', text: 'embedded' } },
        { type: 'resource', resource: { uri: 'note://3', blob: '' } },
      ],
    }),
  ).toBe('two\nlines\n[image, image/png]\n[resource note://1]\nembedded\n[resource note://3]');
  expect(resultText({ content: [], structuredContent: { a: 1 } })).toBe('{\n  "a": 1\n}');
  expect(resultText({ content: [] })).toBe('(nothing)');
});

test('shows a sampling request in full', () => {
  expect(
    samplingText({
      systemPrompt: 'Be short.',
      maxTokens: 100,
      temperature: 0,
      stopSequences: ['END'],
      messages: [
        { role: 'user', content: { type: 'text', text: 'Hello?' } },
        {
          role: 'assistant',
          content: [
            { type: 'text', text: 'Yes.' },
            { type: 'image', data: '', mimeType: 'image/png' },
          ],
        },
      ],
    }),
  ).toBe(
    'system: Be short.\nuser: Hello?\nassistant: Yes.\n[image, image/png]\n(at most 100 tokens, temperature 0, stop at "END")',
  );
});

test('shows values on one line', () => {
  expect(['a b', 1, true, { a: new Set(['x', 'y']) }].map(valueText)).toEqual(['a b', '1', 'true', '{"a":["x","y"]}']);
});

test.each([
  [
    { cpuMs: 1234, peakMemoryBytes: 90 * 1024 * 1024, lifetimeMs: 61_000, estimatedUsd: 0.00012345 },
    '$0.00012 for 1.23 s of CPU and 90 MB over 1 min 1 s (estimate of a laptop run)',
  ],
  [
    { cpuMs: 0, peakMemoryBytes: 0, lifetimeMs: 0, estimatedUsd: 3.2e-7 },
    '$0.00000032 for 0.00 s of CPU and 0 MB over 0 s (estimate of a laptop run)',
  ],
  [
    { cpuMs: 7_200_000, peakMemoryBytes: 1024 ** 3, lifetimeMs: 28_800_000, estimatedUsd: 12.5 },
    '$13 for 7200.00 s of CPU and 1024 MB over 8 h (estimate of a laptop run)',
  ],
])('says what %j would have cost', (cost, text) => {
  expect(costText(cost)).toBe(text);
});
