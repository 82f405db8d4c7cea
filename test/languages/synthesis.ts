// The app of `samples/languages` in one language, with the package that was generated for it: what it synthesizes.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from '../../scripts/release/published-packages';
import { EXAMPLES_DIRECTORY, type ExampleLanguage, type Examples } from './examples';

export const LANGUAGES = ['python', 'java', 'go', 'dotnet'] as const;
export type Language = (typeof LANGUAGES)[number];

/** The program without which an app of the language cannot be made. */
const TOOLCHAIN: Readonly<Record<Language, readonly string[]>> = {
  python: ['uv', '--version'],
  java: ['mvn', '--version'],
  go: ['go', 'version'],
  dotnet: ['dotnet', '--version'],
};

/** The lowest version of the CDK that is supported, and the newest one. */
type Cdk = 'aws-cdk-lib' | 'aws-cdk-lib-latest';

const TSX = path.join(ROOT, 'node_modules', 'tsx', 'dist', 'loader.mjs');

/** The program that a language needs, by its name. */
export function programOf(language: Language): string {
  const [program = ''] = TOOLCHAIN[language];
  return program;
}

export function isInstalled(language: Language): boolean {
  const [program = '', ...args] = TOOLCHAIN[language];
  try {
    execFileSync(program, args, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** A directory that has the packages of jsii-pacmak, `PACKAGES/LANGUAGE`, and room for the apps. */
export class Workshop {
  /** What runs a language, once its packages are installed: they are so once, for the app and for the examples. */
  private readonly installed = new Map<string, string>();

  public constructor(
    public readonly packages: string,
    private readonly directory: string,
  ) {}

  public template(language: Language): unknown {
    const directory = this.copy(language === 'dotnet' ? 'csharp' : language, language);
    const outdir = path.join(directory, 'cdk.out');
    this[language](directory, { CDK_OUTDIR: outdir });
    return templateIn(outdir);
  }

  /** Runs a program with all examples of the documentation; the template of each, by its name. */
  public examples(language: ExampleLanguage, examples: Examples): Record<string, unknown> {
    const directory = path.join(this.directory, `examples-${language}`);
    const outdir = path.join(directory, 'cdk.out');
    const environment = { CDK_OUTDIR: outdir };
    mkdirSync(directory);
    const file = path.join(
      directory,
      { typescript: 'examples.ts', python: 'examples.py', java: 'Examples.java', dotnet: 'Examples.cs' }[language],
    );
    writeFileSync(file, examples.program(language));
    if (language === 'typescript') {
      const modules = this.typescriptModules('aws-cdk-lib');
      symlinkSync(modules, path.join(directory, 'node_modules'));
      this.run(EXAMPLES_DIRECTORY, process.execPath, ['--import', TSX, file], environment);
    } else if (language === 'python') {
      this.run(EXAMPLES_DIRECTORY, this.pythonWithPackages(), [file], environment);
    } else if (language === 'dotnet') {
      this.run(EXAMPLES_DIRECTORY, 'dotnet', [this.dotnetProgram(directory)], environment);
    } else {
      const classpath = this.javaClasspath();
      this.run(directory, 'javac', ['-cp', classpath, '-d', directory, file]);
      this.run(EXAMPLES_DIRECTORY, 'java', ['-cp', `${directory}:${classpath}`, 'Examples'], environment);
    }
    return Object.fromEntries(examples.names.map(name => [name, templateIn(outdir, name)]));
  }

  /** What all others are compared with: the compiled package of the constructs, as npm gets it. */
  public reference(cdk: Cdk): unknown {
    const outdir = this.once(`reference-${cdk}`, () => {
      const directory = this.copy('typescript', `typescript-${cdk}`);
      symlinkSync(this.typescriptModules(cdk), path.join(directory, 'node_modules'));
      const outdir = path.join(directory, 'cdk.out');
      this.run(ROOT, process.execPath, ['--import', TSX, path.join(directory, 'app.ts')], { CDK_OUTDIR: outdir });
      return outdir;
    });
    return templateIn(outdir);
  }

  /** A `node_modules` with a copy of the constructs, so that they find the version of the CDK that is beside them. */
  private typescriptModules(cdk: Cdk): string {
    return this.once(cdk, () => {
      const modules = path.join(this.directory, `modules-${cdk}`, 'node_modules');
      for (const file of ['package.json', 'dist', 'assets']) {
        cpSync(path.join(ROOT, file), path.join(modules, 'cdk-stateful-mcp', file), { recursive: true });
      }
      for (const [name, target] of Object.entries({ 'aws-cdk-lib': cdk, constructs: 'constructs' })) {
        symlinkSync(path.join(ROOT, 'node_modules', target), path.join(modules, name));
      }
      return modules;
    });
  }

  private once(what: string, install: () => string): string {
    const found = this.installed.get(what) ?? install();
    this.installed.set(what, found);
    return found;
  }

  private copy(sample: string, name: string): string {
    const directory = path.join(this.directory, name);
    cpSync(path.join(ROOT, 'samples', 'languages', sample), directory, { recursive: true });
    return directory;
  }

  private python(directory: string, environment: Record<string, string>): void {
    this.run(ROOT, this.pythonWithPackages(), [path.join(directory, 'app.py')], environment);
  }

  private pythonWithPackages(): string {
    return this.once('python', () => {
      const directory = this.copy('python', 'python-packages');
      this.run(directory, 'uv', ['venv', '--quiet', '--python', 'python3', 'venv']);
      const python = path.join(directory, 'venv', 'bin', 'python');
      const requirements = readFileSync(path.join(directory, 'requirements.txt'), 'utf8').replace(
        /^cdk-stateful-mcp==.+$/m,
        path.join(this.packages, 'python'),
      );
      writeFileSync(path.join(directory, 'requirements.txt'), requirements);
      // Links what it has in its cache; pip unpacks the hundred megabytes of the CDK, and compiles all of them.
      this.run(directory, 'uv', ['pip', 'install', '--quiet', '--python', python, '-r', 'requirements.txt']);
      return python;
    });
  }

  private java(_directory: string, environment: Record<string, string>): void {
    this.run(ROOT, 'java', ['-cp', this.javaClasspath(), 'expenses.ExpensesApp'], environment);
  }

  /** One reactor of the generated package and the app, so that neither gets into the repository of the machine. */
  private javaClasspath(): string {
    return this.once('java', () => {
      const directory = this.copy('java', 'java-packages');
      cpSync(path.join(this.packages, 'java'), path.join(directory, 'package'), { recursive: true });
      mkdirSync(path.join(directory, 'reactor'));
      writeFileSync(
        path.join(directory, 'reactor', 'pom.xml'),
        `<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>expenses</groupId><artifactId>reactor</artifactId><version>0.1.0</version><packaging>pom</packaging>
<modules><module>../package</module><module>..</module></modules></project>`,
      );
      const goals = ['compile', 'org.apache.maven.plugins:maven-dependency-plugin:3.6.0:build-classpath'];
      this.run(directory, 'mvn', ['-q', '-B', '-f', 'reactor', ...goals, '-Dmdep.outputFile=classpath.txt']);
      const classpath = readFileSync(path.join(directory, 'classpath.txt'), 'utf8').trim();
      return [path.join(directory, 'target', 'classes'), classpath].join(':');
    });
  }

  private go(directory: string, environment: Record<string, string>): void {
    const generated = path.join(this.packages, 'go', 'cdkstatefulmcp');
    const name = 'github.com/cdk-stateful-mcp/cdk-stateful-mcp-go/cdkstatefulmcp';
    this.run(directory, 'go', ['mod', 'edit', `-replace=${name}=${generated}`]);
    this.run(directory, 'go', ['mod', 'tidy']);
    this.run(directory, 'go', ['build', '-o', 'expenses', '.']);
    this.run(ROOT, path.join(directory, 'expenses'), [], environment);
  }

  private dotnet(directory: string, environment: Record<string, string>): void {
    this.run(ROOT, 'dotnet', [this.dotnetProgram(directory)], environment);
  }

  /** Builds the sources in a directory by the project of the sample, with the package that was generated. */
  private dotnetProgram(directory: string): string {
    const project = readFileSync(path.join(ROOT, 'samples', 'languages', 'csharp', 'Expenses.csproj'), 'utf8');
    const generated = path.join(this.packages, 'dotnet', 'CdkStatefulMcp', 'CdkStatefulMcp.csproj');
    const reference = /<PackageReference Include="CdkStatefulMcp".*?\/>/;
    writeFileSync(
      path.join(directory, 'Expenses.csproj'),
      project.replace(reference, `<ProjectReference Include="${generated}" />`),
    );
    this.run(directory, 'dotnet', ['build', '--nologo', '--verbosity', 'quiet', '--output', 'build']);
    return path.join(directory, 'build', 'Expenses.dll');
  }

  private run(cwd: string, program: string, args: readonly string[], environment: Record<string, string> = {}): void {
    // What jest sets for itself is not for the programs that jsii starts.
    const silent = {
      NODE_OPTIONS: '',
      JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION: process.versions.node.replace(/\..*/, ''),
    };
    execFileSync(program, args, { cwd, env: { ...process.env, ...silent, ...environment }, stdio: 'pipe' });
  }
}

function templateIn(outdir: string, stack = 'Expenses'): unknown {
  return JSON.parse(readFileSync(path.join(outdir, `${stack}.template.json`), 'utf8'));
}
