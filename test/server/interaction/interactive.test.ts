import * as z from 'zod';
import { interactive, ServerKitError } from 'stateful-mcp-server';
import { CLIENT_KINDS, closeClients, textOf, type Answer, type Progress } from '../clients';
import { closeKits } from '../kit';
import { callTool, ONE_NUMBER, QUESTION, text, type Handler } from './calls/call-tool';

afterEach(async () => {
  await closeClients();
  await closeKits();
});

describe.each(CLIENT_KINDS)('%s', kind => {
  test('holds a whole conversation: questions, a sampling request, progress', async () => {
    const asked: string[] = [];
    const progress: Progress[] = [];
    const result = await callTool(
      kind,
      async ({ who }, io) => {
        await io.progress(1, 3, 'asking');
        const { amount } = await io.elicitContent(`How much, ${who}?`, ONE_NUMBER);
        await io.progress(2, 3, 'thinking');
        const { content } = await io.sample(QUESTION);
        const sure = await io.elicit('Sure?', z.object({ sure: z.boolean() }));
        await io.progress(3, 3, 'done');
        return text({ amount, mood: content.type === 'text' ? content.text : '', sure });
      },
      {
        elicit: ({ message }): Answer => {
          asked.push(message);
          return message === 'Sure?'
            ? { action: 'accept', content: { sure: true } }
            : { action: 'accept', content: { amount: 12.5 } };
        },
        sample: prompt => `You asked: ${prompt}`,
        onprogress: step => progress.push(step),
      },
    );

    expect(result.isError).toBeFalsy();
    expect(JSON.parse(textOf(result))).toEqual({
      amount: 12.5,
      mood: 'You asked: How are you?',
      sure: { action: 'accept', content: { sure: true } },
    });
    expect(asked).toEqual(['How much, Ada?', 'Sure?']);
    // The modern client adds a step of its own for each round.
    expect(progress.filter(step => step.total === 3)).toEqual([
      { progress: 1, total: 3, message: 'asking' },
      { progress: 2, total: 3, message: 'thinking' },
      { progress: 3, total: 3, message: 'done' },
    ]);
  });

  test.each<Answer>([{ action: 'decline' }, { action: 'cancel' }])('hands $action to the handler', async answer => {
    const result = await callTool(kind, async (_args, io) => text(await io.elicit('How much?', ONE_NUMBER)), {
      elicit: () => answer,
    });
    expect(JSON.parse(textOf(result))).toEqual(answer);
  });

  test.each<Answer['action']>(['decline', 'cancel'])('turns an uncaught %s into an ordinary result', async action => {
    const result = await callTool(kind, async (_args, io) => text(await io.elicitContent('How much?', ONE_NUMBER)), {
      elicit: () => ({ action }),
    });
    expect(result.isError).toBeFalsy();
    expect(textOf(result)).toBe(`the user ${action === 'decline' ? 'declined to answer' : 'cancelled'}: How much?`);
  });

  test('asks several questions at once', async () => {
    const result = await callTool(
      kind,
      async (_args, io) => {
        const answers = await Promise.all(
          ['a', 'b'].map(letter => io.elicitContent(`${letter}?`, z.object({ letter: z.string() }))),
        );
        return text(answers.map(({ letter }) => letter));
      },
      { elicit: ({ message }) => ({ action: 'accept', content: { letter: message.charAt(0).toUpperCase() } }) },
    );
    expect(JSON.parse(textOf(result))).toEqual(['A', 'B']);
  });

  test('runs an effect once', async () => {
    let effects = 0;
    const result = await callTool(
      kind,
      async (_args, io) => {
        const id = await io.once(() => `id-${++effects}`);
        await io.elicitContent('How much?', ONE_NUMBER);
        const failure = await io
          .once(() => {
            throw new Error(`failed ${++effects}`);
          })
          .catch((error: Error) => error.message);
        await io.elicitContent('Again, how much?', ONE_NUMBER);
        return text({ id, failure });
      },
      { elicit: () => ({ action: 'accept', content: { amount: 1 } }) },
    );
    expect(JSON.parse(textOf(result))).toEqual({ id: 'id-1', failure: 'failed 2' });
    expect(effects).toBe(2);
  });

  test('gives what came out of an effect as JSON gives it back', async () => {
    const result = await callTool(kind, async (_args, io) => {
      const { at } = await io.once(() => ({ at: new Date(0) as Date | string }));
      return text({ type: typeof at, nothing: (await io.once(() => undefined)) ?? 'undefined' });
    });
    expect(JSON.parse(textOf(result))).toEqual({ type: 'string', nothing: 'undefined' });
  });

  test('refuses what an effect gives back when it is not JSON', async () => {
    const result = await callTool(kind, async (_args, io) =>
      text(
        await io
          .once(() => 1n)
          .catch((error: unknown) => (error instanceof ServerKitError ? error.code : 'another error')),
      ),
    );
    expect(textOf(result)).toBe('ERR_ONCE_RESULT');
  });

  test('refuses an answer that does not match its schema', async () => {
    const result = await callTool(
      kind,
      async (_args, io) =>
        text(
          await io
            .elicitContent('How much?', ONE_NUMBER)
            .catch((error: unknown) =>
              error instanceof ServerKitError ? { code: error.code, message: error.message } : 'another error',
            ),
        ),
      {
        elicit: () => ({ action: 'accept', content: { amount: -1 } }),
      },
    );
    expect(JSON.parse(textOf(result))).toEqual({
      code: 'ERR_ELICITATION_ANSWER',
      message: expect.stringContaining('`amount`') as string,
    });
  });

  test('tells the handler which property of a schema cannot be shown as a form', async () => {
    const result = await callTool(
      kind,
      async (_args, io) =>
        text(
          await io
            .elicit('Where?', z.object({ address: z.object({ street: z.string() }) }))
            .catch((error: unknown) =>
              error instanceof ServerKitError ? { code: error.code, message: error.message } : 'another error',
            ),
        ),
      {
        elicit: () => ({ action: 'decline' }),
      },
    );
    expect(JSON.parse(textOf(result))).toEqual({
      code: 'ERR_ELICITATION_SCHEMA',
      message: expect.stringContaining('property `address` is an object') as string,
    });
  });

  test('sends the user to a page', async () => {
    const visited: (string | undefined)[] = [];
    const result = await callTool(
      kind,
      async (_args, io) => text(await io.elicitUrl('Sign in', 'https://example.com/sign-in')),
      {
        elicitationUrl: true,
        elicit: ({ mode, url }) => {
          visited.push(mode, url);
          return { action: 'accept' };
        },
      },
    );
    expect(JSON.parse(textOf(result))).toEqual({ action: 'accept' });
    expect(visited).toEqual(['url', 'https://example.com/sign-in']);
  });

  test('is silent about progress when nobody asked, and never goes back', async () => {
    const progress: number[] = [];
    const handler: Handler = async (_args, io) => {
      for (const value of [1, 1, 0, Number.NaN, 2]) {
        await io.progress(value, undefined, 'step');
      }
      return text('done');
    };
    expect(textOf(await callTool(kind, handler))).toBe('done');
    await callTool(kind, handler, { onprogress: step => progress.push(step.progress) });
    expect(progress).toEqual([1, 2]);
  });
});

test('refuses an answer timeout that is none', () => {
  expect(() => interactive(() => text(''), { answerTimeoutMs: 0 })).toThrow(
    expect.objectContaining({ code: 'ERR_INVALID_OPTION' }) as Error,
  );
});
