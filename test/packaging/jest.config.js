// Real dependencies from the registries of npm and Python. Apart from the other tests because they need a network, and
// uv.
const { projects } = require('../../jest.config');

const { transform, setupFiles } = projects.find(({ displayName }) => displayName.includes('minimum'));
const { moduleNameMapper } = projects.find(({ displayName }) => displayName === 'runtime');

module.exports = {
  rootDir: `${__dirname}/../..`,
  transform,
  moduleNameMapper,
  setupFiles,
  testMatch: ['<rootDir>/test/packaging/**/*.test.ts'],
  testTimeout: 600_000,
  maxWorkers: 1,
};
