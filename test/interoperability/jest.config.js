// Programs of others against the server kit and the local runtime. Apart from the other tests because it needs a
// network and uv.
const { projects } = require('../../jest.config');

const { transform, moduleNameMapper } = projects.find(({ displayName }) => displayName === 'runtime');

module.exports = {
  rootDir: `${__dirname}/../..`,
  transform,
  moduleNameMapper,
  testMatch: ['<rootDir>/test/interoperability/**/*.test.ts'],
  testTimeout: 300_000,
  maxWorkers: 2,
};
