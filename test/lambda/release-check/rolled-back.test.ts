import { Deployment } from './deployment';

let deployment: Deployment;
beforeEach(async () => {
  deployment = new Deployment();
  await deployment.start();
});
afterEach(() => deployment.close());

test('a stack that is rolled back gets the version that it had, although the runtime has newer ones', async () => {
  await deployment.publish();
  await deployment.check('1');
  await deployment.promote('1');
  await deployment.publish({ WORDS: 'newer' });
  // Rolled back: made as version 1, and with a number of its own.
  await deployment.publish();
  await deployment.settled();
  const told = await deployment.check('1', { RequestType: 'Update', PhysicalResourceId: 'ReleaseCheck' });
  expect(told).toMatchObject({ Status: 'SUCCESS', Data: { endpointVersion: '1', verdict: 'already-verified' } });
});
