import { AssemblyLog } from '../../../../lambda/image-assembler/common/assembly-log';

test('steps and what comes of them are in the log; the step is the one that was begun last', () => {
  const log = jest.spyOn(console, 'log').mockImplementation();
  const assembly = new AssemblyLog();
  expect(assembly.currentStep).toBe('starting');
  assembly.begin('resolving the base image');
  assembly.begin('pushing the manifest');
  assembly.note('layer 1: present');
  expect(assembly.currentStep).toBe('pushing the manifest');
  expect(log.mock.calls).toEqual([['resolving the base image'], ['pushing the manifest'], ['layer 1: present']]);
  log.mockRestore();
});
