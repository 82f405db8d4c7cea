import { connect, type StatefulMcpClient } from 'stateful-mcp-client';
import { closeServers, v1Server, v2Server } from './servers';

let client: StatefulMcpClient | undefined;

afterEach(async () => {
  await client?.close();
  await closeServers();
});

test('does not send an answer that breaks the schema of the question', async () => {
  client = await connect((await v2Server()).url, {
    era: 'modern',
    elicitation: () => ({ action: 'accept', content: { amount: -1 } }),
  });
  await expect(client.callTool('ask')).rejects.toMatchObject({
    code: 'ERR_ELICITATION_ANSWER',
    message: expect.stringMatching(/amount.*>= 1.*got \{"amount":-1,"currency":"EUR"\}/) as string,
  });
});

test('tells a legacy server that the answer breaks the schema', async () => {
  client = await connect((await v1Server()).url, {
    elicitation: () => ({ action: 'accept', content: { amount: -1 } }),
  });
  const { isError, content } = await client.callTool('ask');
  expect(isError).toBe(true);
  expect((content[0] as { text: string }).text).toContain('does not fit the schema of the question');
});

test.each([
  ['ask', 'ERR_ELICITATION_HANDLER', 'the elicitation handler failed: nobody here'],
  ['sample', 'ERR_SAMPLING_HANDLER', 'the sampling handler failed: nobody here'],
] as const)('names the handler of `%s` that threw', async (tool, code, message) => {
  const fail = (): never => {
    throw new Error('nobody here');
  };
  client = await connect((await v2Server()).url, { era: 'modern', elicitation: fail, sampling: fail });
  await expect(client.callTool(tool)).rejects.toMatchObject({ code, message });
});

test('aborts the signal of a handler when the call is cancelled', async () => {
  const controller = new AbortController();
  const aborted = new Promise<boolean>(resolve => {
    void (async () => {
      client = await connect((await v2Server()).url, {
        era: 'modern',
        elicitation: (_request, { signal }) =>
          new Promise(answer => {
            signal.addEventListener('abort', () => {
              resolve(true);
              answer({ action: 'cancel' });
            });
            controller.abort();
          }),
      });
      await client.callTool('ask', {}, { signal: controller.signal }).catch(() => undefined);
    })();
  });
  expect(await aborted).toBe(true);
});
