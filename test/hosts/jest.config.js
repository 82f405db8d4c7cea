// MCP hosts of others, which npm has: apart from the other tests because they are large, and need a newer Node.js.
const { projects } = require('../../jest.config');

const { transform, moduleNameMapper } = projects.find(({ displayName }) => displayName === 'runtime');

module.exports = {
  rootDir: `${__dirname}/../..`,
  transform,
  moduleNameMapper,
  testMatch: ['<rootDir>/test/hosts/**/*.test.ts'],
  testTimeout: 300_000,
  maxWorkers: 1,
};
