// The rehearsal of `npm run integ`. Apart from the other tests because it takes minutes, and installs MiniStack once.
const { projects } = require('../../../jest.config');

const { transform, transformIgnorePatterns, moduleNameMapper } = projects.find(
  ({ displayName }) => displayName === 'runtime',
);

module.exports = {
  rootDir: `${__dirname}/../../..`,
  transform,
  transformIgnorePatterns,
  moduleNameMapper,
  testMatch: ['<rootDir>/test/integ/rehearsal/*.test.ts'],
  setupFiles: ['<rootDir>/test/setup/runtime.js'],
  globalSetup: '<rootDir>/test/setup/global-setup.js',
  globalTeardown: '<rootDir>/test/setup/global-teardown.js',
  testTimeout: 1_800_000,
  maxWorkers: 1,
};
