// The floors of the house: arrows run down only, and siblings on a floor do not know each other.
// docs/architecture.md tells what each room holds.

/** Rooms of each package from the ground up; those on one line are siblings. */
const FLOORS = {
  'contract/src': [['check', 'platform']],
  'local/src': [
    ['common'],
    ['model'],
    ['http', 'machine', 'code'],
    ['platform'],
    ['events', 'probes', 'snapshot'],
    ['auth', 'process'],
    ['request', 'definitions'],
    ['session'],
    ['runtime'],
    ['data-plane'],
    ['control-plane'],
  ],
  'server/src': [
    ['common'],
    ['process'],
    ['http', 'elicitation', 'request-state'],
    ['interaction', 'warm-up'],
    ['session'],
    ['era'],
    ['stdio'],
  ],
  'lib/private': [
    ['common'],
    ['program', 'permissions', 'platform'],
    ['server', 'network', 'storage', 'gateway', 'observability', 'python', 'image', 'modules', 'deployment'],
    ['esbuild', 'auth', 'release'],
    ['node', 'python-bundle', 'validation'],
    ['packaging'],
  ],
  'lambda/image-assembler': [['common'], ['transport'], ['registry'], ['layer'], ['image'], ['assembly']],
  'lambda/release-check': [['common'], ['aws'], ['caller', 'version'], ['stage']],
  'client/src': [['common'], ['incoming', 'storage'], ['target', 'auth'], ['session'], ['conversation'], ['check']],
  'command/src': [
    ['common'],
    ['command-line', 'app'],
    ['sampling', 'connection', 'aws', 'hosts', 'starter'],
    ['conversation', 'development', 'logs'],
    ['terminal', 'diagnosis'],
    ['chat'],
    ['commands'],
  ],
};

/** What a folder may import of the others; of `server`, the command needs what asks Amazon Bedrock. */
const PACKAGES = {
  contract: [],
  lib: [],
  lambda: ['lib', 'client'],
  server: [],
  client: [],
  local: [],
  command: [],
};

function floorRules([home, floors]) {
  return floors.flatMap((floor, level) =>
    floor.map(room => {
      const forbidden = floors
        .slice(level)
        .flat()
        .filter(other => other !== room);
      return {
        name: `floor: ${home}/${room}`,
        comment: 'Import from a floor below, or move what both need down.',
        severity: 'error',
        from: { path: `^${home}/${room}/` },
        to: { path: [...forbidden.map(other => `^${home}/${other}/`), `^${home}/[^/]+$`] },
      };
    }),
  );
}

function packageRule([home, allowed]) {
  const forbidden = [
    'contract',
    'lib',
    'lambda',
    'server',
    'client',
    'local',
    'command',
    'test',
    'bench',
    'samples',
    'bin',
  ].filter(other => other !== home && !allowed.includes(other));
  return {
    name: `package: ${home}`,
    comment: 'Import another package by its name, never its sources.',
    severity: 'error',
    from: { path: `^${home}/` },
    to: { path: forbidden.map(other => `^${other}/`) },
  };
}

export default {
  forbidden: [
    { name: 'no circle', severity: 'error', from: {}, to: { circular: true } },
    ...Object.entries(FLOORS).flatMap(floorRules),
    ...Object.entries(PACKAGES).map(packageRule),
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(dist|assets)/' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
