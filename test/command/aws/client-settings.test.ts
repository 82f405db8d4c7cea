import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { CLIENT_SETTINGS } from '../../../command/src/aws/client-settings';

test('a service that never answers is an error after the time that it has', async () => {
  const silent = createServer(() => undefined).listen(0, '127.0.0.1');
  await new Promise(resolve => silent.once('listening', resolve));
  const client = new SSMClient({
    requestHandler: { ...CLIENT_SETTINGS.requestHandler, requestTimeout: 100 },
    endpoint: `http://127.0.0.1:${(silent.address() as AddressInfo).port}`,
    region: 'eu-central-1',
    credentials: { accessKeyId: 'AKIDLOCAL', secretAccessKey: 'local-secret' },
    maxAttempts: 1,
  });
  try {
    const answer = client.send(new GetParameterCommand({ Name: 'a' }), { abortSignal: AbortSignal.timeout(5_000) });
    await expect(answer).rejects.toMatchObject({
      name: 'TimeoutError',
      message: expect.stringContaining('100 ms') as string,
    });
  } finally {
    client.destroy();
    silent.close().closeAllConnections();
  }
});
