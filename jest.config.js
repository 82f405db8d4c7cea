// Two lanes for the constructs (the minimum of the peer range, and the newest), one for everything else.
const transform = {
  '^.+\\.ts$': ['@swc/jest', { jsc: { target: 'es2022', parser: { syntax: 'typescript' } }, module: { type: 'commonjs' } }],
};
const sources = {
  '^stateful-mcp-(server|client|local)$': '<rootDir>/$1/src/index.ts',
  '^stateful-mcp-server/(bedrock|testing)$': '<rootDir>/server/src/$1.ts',
};
const constructs = {
  rootDir: __dirname,
  transform,
  testMatch: ['<rootDir>/test/lib/**/*.test.ts'],
  setupFiles: ['<rootDir>/test/lib/setup.ts'],
};

module.exports = {
  // Real processes on a busy machine; not a project's option.
  testTimeout: 60_000,
  projects: [
    { ...constructs, displayName: 'constructs (minimum aws-cdk-lib)' },
    {
      ...constructs,
      displayName: 'constructs (newest aws-cdk-lib)',
      moduleNameMapper: { '^aws-cdk-lib$': 'aws-cdk-lib-latest', '^aws-cdk-lib/(.*)$': 'aws-cdk-lib-latest/$1' },
    },
    {
      rootDir: __dirname,
      displayName: 'runtime',
      transform,
      moduleNameMapper: sources,
      testMatch: ['<rootDir>/test/(server|client|local|bin|samples|lambda)/**/*.test.ts'],
    },
  ],
};
