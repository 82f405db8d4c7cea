// What a project gets that is made by projen: all files that are synthesized, as text.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { javascript, Testing } from 'projen';
import { StatefulMcpApp, type StatefulMcpAppOptions } from '../../projen/src';

function synthesized(options: Partial<StatefulMcpAppOptions> = {}): Record<string, unknown> {
  const project = new StatefulMcpApp({
    name: 'room-booking',
    defaultReleaseBranch: 'main',
    packageManager: javascript.NodePackageManager.NPM,
    ...options,
  });
  return Testing.synth(project);
}

interface Tasks {
  readonly tasks: Readonly<Record<string, { readonly steps?: readonly { readonly exec?: string }[] }>>;
}

interface Manifest {
  readonly version: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

function manifest(directory: string): Manifest {
  const file = path.join(__dirname, '..', '..', directory, 'package.json');
  return JSON.parse(readFileSync(file, 'utf8')) as Manifest;
}

/** The newest version of the CDK that this repository is tested with. */
const newest = manifest('.').devDependencies['aws-cdk-lib-latest'];

test('a project has the server and the app of `stateful-mcp init`, under its own name', () => {
  const files = synthesized();
  expect(files['server/booking.ts']).toContain("name: 'room-booking'");
  expect(files['src/main.ts']).toContain("'RoomBooking'");
  expect(files['src/main.ts']).toContain("fromTypeScript('server/main.ts')");
  expect(Object.keys(files)).toEqual(
    expect.arrayContaining(['server/main.ts', 'server/booking.test.ts', '.mcp.json', '.vscode/mcp.json']),
  );
  expect(files).not.toHaveProperty(['app.ts']);
});

test('its tasks, its app and what it depends on', () => {
  const files = synthesized();
  const { tasks } = files['.projen/tasks.json'] as Tasks;
  expect(['dev', 'talk', 'check', 'doctor', 'test', 'synth'].map(name => [name, tasks[name]?.steps])).toMatchSnapshot();
  const { dependencies, devDependencies, engines } = files['package.json'] as Record<string, Record<string, string>>;
  expect(engines).toEqual({ node: '>= 20.18.1' });
  // What the starter needs, in its versions.
  const starter = manifest('samples/starter/typescript');
  expect(dependencies).toMatchObject({ ...starter.dependencies, 'cdk-stateful-mcp': manifest('.').version });
  expect(Object.keys(devDependencies ?? {})).toEqual(
    expect.arrayContaining([...Object.keys(starter.devDependencies), 'aws-cdk', 'esbuild', 'stateful-mcp', 'tsx']),
  );
  expect(dependencies?.['aws-cdk-lib']).toBe(newest?.replace('npm:aws-cdk-lib@', '^'));
  // `latest` is 3.0.0, and refuses every app.
  expect(devDependencies?.['aws-cdk']).toMatch(/^\^2\./);
  expect(files['test/tsconfig.json']).toMatchObject({ include: ['**/*.ts', '../server/**/*.ts', '../src/**/*.ts'] });
  expect(files['cdk.json']).toMatchObject({ app: 'node --import tsx src/main.ts' });
});

test('without sample code there is no server, and versions are those that were asked for', () => {
  const files = synthesized({ sampleCode: false, cdkVersion: '2.257.0', minNodeVersion: '22.0.0' });
  expect(Object.keys(files).filter(file => file.startsWith('server/'))).toEqual([]);
  expect(files['package.json']).toMatchObject({
    dependencies: { 'aws-cdk-lib': '^2.257.0' },
    engines: { node: '>= 22.0.0' },
  });
});
