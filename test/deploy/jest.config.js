// The deployment rehearsal. Apart from the other tests because it needs a network, once, and MiniStack: see
// scripts/ministack.sh.
const { projects } = require('../../jest.config');

const { transform, transformIgnorePatterns, moduleNameMapper } = projects.find(
  ({ displayName }) => displayName === 'runtime',
);

module.exports = {
  rootDir: `${__dirname}/../..`,
  transform,
  transformIgnorePatterns,
  moduleNameMapper,
  testMatch: ['<rootDir>/test/deploy/**/*.test.ts'],
  setupFiles: ['<rootDir>/test/lib/setup.ts', '<rootDir>/test/setup/runtime.js'],
  globalSetup: '<rootDir>/test/setup/global-setup.js',
  globalTeardown: '<rootDir>/test/setup/global-teardown.js',
  testTimeout: 600_000,
  // Each story has a cloud of its own, and waits more than it computes.
  maxWorkers: 2,
};
