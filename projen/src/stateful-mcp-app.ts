import * as path from 'node:path';
import { awscdk, SampleFile, type typescript } from 'projen';
import { starterFiles, starterVersions } from './starter';

/** Options of `StatefulMcpApp`: those of a TypeScript project and of `cdk.json`, and the versions of the CDK. */
export interface StatefulMcpAppOptions extends typescript.TypeScriptProjectOptions, awscdk.CdkConfigCommonOptions {
  /**
   * Minimum version of `aws-cdk-lib`. It has to be 2.257.0 or later: older ones lack Amazon Bedrock AgentCore.
   *
   * @default - the version that this package was tried with
   */
  readonly cdkVersion?: string;

  /**
   * Version of `constructs`.
   *
   * @default - the version that this package was tried with
   */
  readonly constructsVersion?: string;

  /**
   * Version of the CDK's command, `aws-cdk`. Never `latest`: that tag is 3.0.0, which was published by accident.
   *
   * @default - the version that this package was tried with, or a later one of the same major version
   */
  readonly cdkCliVersion?: string;
}

/**
 * A stateful MCP server in TypeScript, and the CDK app that deploys it to Amazon Bedrock AgentCore Runtime.
 *
 * The server is in `server/`, the app in `src/main.ts`. Tasks: `dev` and `talk` run it on a laptop as AgentCore Runtime
 * would, `check` holds it against the check of its release, `doctor` says what this machine lacks.
 *
 * @pjid stateful-mcp-app
 */
export class StatefulMcpApp extends awscdk.AwsCdkTypeScriptApp {
  public constructor(options: StatefulMcpAppOptions) {
    const { dependencies, devDependencies } = starterVersions();
    const version = (name: string): string => devDependencies.get(name) ?? '*';
    super({
      ...options,
      cdkVersion: options.cdkVersion ?? version('aws-cdk-lib'),
      constructsVersion: options.constructsVersion ?? version('constructs'),
      cdkCliVersion: options.cdkCliVersion ?? `^${version('aws-cdk')}`,
      typescriptVersion: options.typescriptVersion ?? `~${version('typescript')}`,
      minNodeVersion: options.minNodeVersion ?? '20.18.1',
      jest: options.jest ?? false,
      sampleCode: false,
      // Type checks are the tests' business: the app starts in a second, and as `stateful-mcp init` starts it.
      app: 'node --import tsx src/main.ts',
    });
    const managed = ['aws-cdk', 'aws-cdk-lib', 'constructs', 'typescript'];
    const named = (versions: Map<string, string>): string[] =>
      [...versions].filter(([name]) => !managed.includes(name)).map(([name, exact]) => `${name}@${exact}`);
    this.addDeps(...named(dependencies), `cdk-stateful-mcp@${version('cdk-stateful-mcp')}`);
    this.addDevDeps(...named(devDependencies).filter(name => !name.startsWith('cdk-stateful-mcp@')));
    for (const directory of ['server', this.srcdir]) {
      const relative = path.posix.relative(path.posix.dirname(this.tsconfigDev.fileName), directory);
      this.tsconfigDev.addInclude(`${relative}/**/*.ts`);
    }

    this.testTask.exec(`tsc --noEmit --project ${this.tsconfigDev.fileName}`);
    this.testTask.exec('node --import tsx --test server/*.test.ts', { condition: 'ls server/*.test.ts' });
    this.addStatefulMcpTask('dev', 'Run the server on this machine, as AgentCore Runtime would');
    this.addStatefulMcpTask('talk', 'Hold a conversation with the server on this machine');
    this.addStatefulMcpTask('check', 'Hold the server against the check of its release');
    this.addStatefulMcpTask('doctor', 'Say what this machine lacks, or a deployed server');

    if (options.sampleCode ?? true) {
      for (const [file, contents] of starterFiles(this.name, path.posix.join(this.srcdir, this.appEntrypoint))) {
        new SampleFile(this, file, { contents });
      }
    }
  }

  private addStatefulMcpTask(command: string, description: string): void {
    this.addTask(command, { description, exec: `stateful-mcp ${command}`, receiveArgs: true });
  }
}
