// Images in real registries and containers. Apart from the other tests because it needs packages of the system: see
// scripts/image-tools.sh.
const { projects } = require('../../jest.config');

const { transform, moduleNameMapper } = projects.find(({ displayName }) => displayName === 'runtime');

module.exports = {
  rootDir: `${__dirname}/../..`,
  transform,
  moduleNameMapper,
  testMatch: ['<rootDir>/test/image/**/*.test.ts'],
  testTimeout: 300_000,
  maxWorkers: 1,
};
