// The tests that Stryker holds against the mutants of one folder. They see them where jest loads the sources, not in
// what they start from `dist`.
const { projects } = require('../../jest.config');

const { displayName, ...runtime } = projects.find(project => project.displayName === 'runtime');

module.exports = {
  ...runtime,
  rootDir: `${__dirname}/../..`,
  testEnvironment: process.env.STATEFUL_MCP_MUTATION_ENVIRONMENT,
  testMatch: process.env.STATEFUL_MCP_MUTATION_TESTS.split(' ').map(tests => `<rootDir>/${tests}`),
  testTimeout: 60_000,
  maxWorkers: 1,
};
