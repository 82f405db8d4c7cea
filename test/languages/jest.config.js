// The constructs in the languages of jsii, apart from the other tests: toolchains and registries are needed, and minutes.
const { projects } = require('../../jest.config');

const { transform } = projects.find(({ displayName }) => displayName === 'runtime');

module.exports = {
  rootDir: `${__dirname}/../..`,
  transform,
  testMatch: ['<rootDir>/test/languages/**/*.test.ts'],
  testTimeout: 900_000,
  maxWorkers: 1,
};
