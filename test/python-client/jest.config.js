// FastMCP's client against the server kit. Apart from the other tests because it needs a network and uv.
const { projects } = require('../../jest.config');

const { transform, moduleNameMapper } = projects.find(({ displayName }) => displayName === 'runtime');

module.exports = {
  rootDir: `${__dirname}/../..`,
  transform,
  moduleNameMapper,
  testMatch: ['<rootDir>/test/python-client/**/*.test.ts'],
  testTimeout: 300_000,
};
