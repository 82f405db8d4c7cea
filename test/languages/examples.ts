// The examples of the documentation, in the language that they are written in and in those that Rosetta translates them
// into: one program of each, which has a stack for each example.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from '../../scripts/release/published-packages';

export type ExampleLanguage = 'typescript' | 'python' | 'java' | 'dotnet';

/** What a tablet calls the language. */
const IN_TABLET = { typescript: '$', python: 'python', java: 'java', dotnet: 'csharp' } as const;

/** Modules that the examples name, by the name that Python and TypeScript have for them in the fixture. */
const MODULES = {
  agentcore: 'bedrockagentcore',
  dynamodb: 'dynamodb',
  ec2: 'ec2',
  iam: 'iam',
  logs: 'logs',
  sns: 'sns',
};

/** The same modules, by the names of their namespaces. */
const DOTNET_NAMESPACES = ['BedrockAgentCore', 'DynamoDB', 'EC2', 'IAM', 'Logs', 'SNS'];

/** What a tablet has about an example; `$` is the language that it is written in. */
interface Snippet {
  readonly translations: Readonly<Partial<Record<(typeof IN_TABLET)[ExampleLanguage], { readonly source: string }>>>;
  readonly location: { readonly api: { readonly api: string; readonly fqn?: string } };
}

/** How a program begins, what a stack is in it, and how it ends. */
interface Frame {
  readonly first: string;
  readonly stack: (name: string, example: string) => string;
  readonly last: (names: readonly string[]) => string;
}

const lines = (texts: readonly string[]): string => texts.join('\n');
const indented = (text: string, indent: string): string => text.replaceAll(/^(?=.)/gm, indent);

const FRAMES: Readonly<Record<ExampleLanguage, Frame>> = {
  typescript: {
    first: lines([
      "import { App, CfnOutput, Duration, Stack } from 'aws-cdk-lib';",
      ...Object.entries(MODULES).map(([name, module]) => `import * as ${name} from 'aws-cdk-lib/aws-${module}';`),
      "import * as mcp from 'cdk-stateful-mcp';",
      'const { BaseImage, McpAlarms, McpAuth, McpCheck, McpCheckAnswer, McpDashboard, McpLogging, McpNetwork } = mcp;',
      'const { McpRelease, McpServerCode, Packaging, StatefulMcpServer } = mcp;',
    ]),
    stack: (name, example) =>
      lines([
        `class ${name} extends Stack {`,
        '  constructor(scope: App, id: string) {',
        '    super(scope, id);',
        indented(example, '    '),
        '  }',
        '}',
      ]),
    last: names =>
      lines(['const app = new App();', ...names.map(name => `new ${name}(app, '${name}');`), 'app.synth();']),
  },
  python: {
    first: lines([
      'from aws_cdk import App, CfnOutput, Duration, Stack',
      ...Object.entries(MODULES).map(([name, module]) => `import aws_cdk.aws_${module} as ${name}`),
      'from cdk_stateful_mcp import *',
    ]),
    stack: (name, example) =>
      lines([
        `class ${name}(Stack):`,
        '    def __init__(self, scope, id):',
        '        super().__init__(scope, id)',
        indented(example, '        '),
      ]),
    last: names => lines(['app = App()', ...names.map(name => `${name}(app, "${name}")`), 'app.synth()']),
  },
  java: {
    first: lines([
      'import io.github.cdkstatefulmcp.*;',
      'import java.util.List;',
      'import java.util.Map;',
      'import software.amazon.awscdk.*;',
      ...Object.values(MODULES).map(module => `import software.amazon.awscdk.services.${module}.*;`),
      'import software.constructs.Construct;',
      'public final class Examples {',
    ]),
    stack: (name, example) =>
      lines([
        `static class ${name} extends Stack {`,
        `    ${name}(Construct scope, String id) {`,
        '        super(scope, id);',
        indented(example, '        '),
        '    }',
        '}',
      ]),
    last: names =>
      lines([
        'public static void main(String[] args) {',
        '    App app = new App();',
        ...names.map(name => `    new ${name}(app, "${name}");`),
        '    app.synth();',
        '}',
        '}',
      ]),
  },
  dotnet: {
    first: lines([
      'using System.Collections.Generic;',
      'using Amazon.CDK;',
      ...DOTNET_NAMESPACES.map(namespace => `using Amazon.CDK.AWS.${namespace};`),
      'using CdkStatefulMcp;',
      'using Constructs;',
    ]),
    stack: (name, example) =>
      lines([
        `class ${name} : Stack`,
        '{',
        `    public ${name}(Construct scope, string id) : base(scope, id)`,
        '    {',
        indented(example, '        '),
        '    }',
        '}',
      ]),
    last: names =>
      lines([
        'static class Program',
        '{',
        '    static void Main()',
        '    {',
        '        var app = new App();',
        ...names.map(name => `        _ = new ${name}(app, "${name}");`),
        '        app.Synth();',
        '    }',
        '}',
      ]),
  },
};

/** Where the server of the examples is, in which the programs run. */
export const EXAMPLES_DIRECTORY = path.join(ROOT, 'samples', 'expense-tracker');

export class Examples {
  /** Translates them, as `docs:languages` and Construct Hub do; `tablet` is a file for what comes out. */
  public static translated(tablet: string): Examples {
    const rosetta = path.join(ROOT, 'node_modules', '.bin', 'jsii-rosetta');
    execFileSync(rosetta, ['extract', '--compile', '--fail', '--output', tablet], { cwd: ROOT, stdio: 'pipe' });
    // The reader of jsii-rosetta imports a module, which jest lets nobody do.
    const { snippets } = JSON.parse(readFileSync(tablet, 'utf8')) as { snippets: Record<string, Snippet> };
    return new Examples(Object.values(snippets));
  }

  private constructor(private readonly snippets: readonly Snippet[]) {}

  /** Names of the stacks, after the type that an example belongs to. */
  public get names(): string[] {
    return this.snippets.map(({ location: { api } }, index) => {
      return `Example${index}Of${api.api === 'type' ? (api.fqn?.split('.').at(-1) ?? '') : 'Readme'}`;
    });
  }

  public program(language: ExampleLanguage): string {
    const { first, stack, last } = FRAMES[language];
    const stacks = this.snippets.map(({ translations }, index) => {
      const source = translations[IN_TABLET[language]]?.source;
      // The README names the path from the root of the repository.
      return stack(this.names[index] ?? '', (source ?? '').replaceAll('samples/expense-tracker/', ''));
    });
    return lines([first, ...stacks, last(this.names), '']);
  }
}
