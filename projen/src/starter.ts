// What `stateful-mcp init` writes, which the build puts beside this package: one source for both.
import { readFileSync } from 'node:fs';
import * as path from 'node:path';

/** The name that the files of the starter have. */
const NAME = 'table-booking';

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

type Files = Readonly<Record<string, string>>;

/** A server in TypeScript, and its app. */
const PARTS = ['project', 'typescript', 'cdk-typescript'];

/** Files that projen writes by itself. */
const MANAGED = ['package.json', 'cdk.json', 'gitignore', 'README.md'];

function parts(): Files[] {
  const file = path.join(__dirname, '..', 'assets', 'starter.json');
  const all = JSON.parse(readFileSync(file, 'utf8')) as Record<string, Files>;
  return PARTS.map(part => all[part] ?? {});
}

/** Versions of all that the server and the app need, by name. */
export function starterVersions(): {
  readonly dependencies: Map<string, string>;
  readonly devDependencies: Map<string, string>;
} {
  const manifests = parts().map(files => JSON.parse(files['package.json'] ?? '{}') as Manifest);
  return {
    dependencies: new Map(manifests.flatMap(({ dependencies = {} }) => Object.entries(dependencies))),
    devDependencies: new Map(manifests.flatMap(({ devDependencies = {} }) => Object.entries(devDependencies))),
  };
}

/** The files of a project, by path; the app, which is `app.ts` in the starter, is `entrypoint` here. */
export function starterFiles(projectName: string, entrypoint: string): Map<string, string> {
  const name = projectName.replace(/^@[^/]+\//, '');
  return new Map(
    parts()
      .flatMap(files => Object.entries(files))
      .filter(([file]) => !MANAGED.includes(file))
      .map(([file, text]) => [
        file === 'app.ts' ? entrypoint : file,
        text.split(NAME).join(name).split(pascalCase(NAME)).join(pascalCase(name)),
      ]),
  );
}

/** As `stateful-mcp init` names a stack. */
function pascalCase(name: string): string {
  return name
    .split(/[^a-zA-Z0-9]+/)
    .map(word => word.charAt(0).toUpperCase() + word.slice(1))
    .join('');
}
