import { Deployment } from './deployment';

let deployment: Deployment;
beforeEach(async () => {
  deployment = new Deployment();
  await deployment.start();
});
afterEach(() => deployment.close());

test('a version that holds the conversation is released, and written down', async () => {
  await deployment.publish();
  const told = await deployment.check('1');
  expect(told).toEqual({
    Status: 'SUCCESS',
    PhysicalResourceId: 'ReleaseCheck',
    StackId: expect.any(String) as string,
    RequestId: 'request-1',
    LogicalResourceId: 'ReleaseCheck',
    Data: {
      endpointVersion: '1',
      verifiedVersion: '1',
      verdict: 'pass',
      transcript: 'log group /aws/lambda/release-check, log stream 2026/11/28/[$LATEST]1',
    },
  });
});
