// Two lanes for the constructs (the minimum of the peer range, and the newest), one for everything else.
const swc = parser => [
  '@swc/jest',
  { jsc: { target: 'es2022', parser: { syntax: parser } }, module: { type: 'commonjs' } },
];
const transform = {
  '^.+\\.ts$': swc('typescript'),
};
// jose is published as ES modules alone, which jest cannot load as they are.
const esModules = {
  transform: { ...transform, '/node_modules/jose/.+\\.js$': swc('ecmascript') },
  transformIgnorePatterns: ['/node_modules/(?!jose/)'],
};
const sources = {
  '^stateful-mcp-(contract|server|client|local)$': '<rootDir>/$1/src/index.ts',
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
  // One worker less, the default, is one of two: most tests wait for other processes.
  maxWorkers: '100%',
  // The modules of hundreds of test files stay in a worker's heap, and to collect garbage there takes ever longer.
  workerIdleMemoryLimit: '1GB',
  globalSetup: '<rootDir>/test/setup/global-setup.js',
  globalTeardown: '<rootDir>/test/setup/global-teardown.js',
  projects: [
    {
      ...constructs,
      displayName: 'constructs (minimum aws-cdk-lib)',
      // What becomes of sources, and which values are refused, has nothing to do with the CDK; the newest lane tests it.
      testPathIgnorePatterns: [
        '/node_modules/',
        '/test/lib/private/(esbuild|modules|node|program|python|python-bundle)/',
        '/kinds/(?:props|further-factories)',
        '/unchanged-permissions',
      ],
    },
    {
      ...constructs,
      displayName: 'constructs (newest aws-cdk-lib)',
      moduleNameMapper: { '^aws-cdk-lib$': 'aws-cdk-lib-latest', '^aws-cdk-lib/(.*)$': 'aws-cdk-lib-latest/$1' },
    },
    {
      rootDir: __dirname,
      displayName: 'runtime',
      ...esModules,
      moduleNameMapper: sources,
      setupFiles: ['<rootDir>/test/setup/runtime.js'],
      testMatch: ['<rootDir>/test/(contract|server|client|local|command|projen|samples|lambda|integ)/**/*.test.ts'],
      // `npm run test:integ`
      testPathIgnorePatterns: ['/node_modules/', '/test/integ/rehearsal/'],
    },
  ],
};
