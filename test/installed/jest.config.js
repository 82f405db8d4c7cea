// Packages as users install them, apart from the other tests: the registry of npm is needed, and minutes.
const { projects } = require('../../jest.config');

const { transform } = projects.find(({ displayName }) => displayName === 'runtime');

module.exports = {
  rootDir: `${__dirname}/../..`,
  transform,
  testMatch: ['<rootDir>/test/installed/**/*.test.ts'],
  testTimeout: 300_000,
  maxWorkers: 1,
};
