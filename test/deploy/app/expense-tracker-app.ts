import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { App, CfnOutput, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { AttributeType, Table } from 'aws-cdk-lib/aws-dynamodb';
import { McpServerCode, Packaging, StatefulMcpServer, type StatefulMcpServerProps } from '../../../lib';

const REPOSITORY = path.join(__dirname, '..', '..', '..');
const SAMPLE = path.join(REPOSITORY, 'samples', 'expense-tracker');

export const STACK = 'Expenses';

/** What stands in a file of the sample, and what stands there instead. */
export interface ChangedLine {
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

/** What a story has of the server's properties. */
export interface ServerProps extends Omit<StatefulMcpServerProps, 'code'> {
  /** @default - a zip file */
  readonly packaging?: Packaging;
}

/** The expense tracker and its table as an app, in a directory of its own, so that its lines can be changed. */
export class ExpenseTrackerApp {
  private readonly directory = mkdtempSync(path.join(os.tmpdir(), 'stateful-mcp-app-'));
  private syntheses = 0;

  /**
   * @param propsIn - the properties of the server, in its stack
   * @param addTo - adds to the stack what a story needs beside the server
   * @returns the cloud assembly that `cdk --app` takes
   */
  public synthesize(
    line?: ChangedLine,
    propsIn: (stack: Stack) => ServerProps = () => ({}),
    addTo: (server: StatefulMcpServer) => void = () => {},
  ): string {
    const app = new App({ outdir: path.join(this.directory, `cdk.out-${++this.syntheses}`) });
    const stack = new Stack(app, STACK);
    const table = new Table(stack, 'Table', {
      partitionKey: { name: 'userAlias', type: AttributeType.STRING },
      sortKey: { name: 'expenseId', type: AttributeType.STRING },
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const { packaging = Packaging.zip(), ...props } = propsIn(stack);
    const server = new StatefulMcpServer(stack, 'Server', {
      ...props,
      code: McpServerCode.fromTypeScript(path.join(this.source(line), 'server.ts'), { packaging }),
      environment: { TABLE_NAME: table.tableName, ...props.environment },
    });
    table.grant(server, 'dynamodb:PutItem', 'dynamodb:Query');
    new CfnOutput(stack, 'RuntimeArn', { value: server.runtime.agentRuntimeArn });
    addTo(server);
    return app.synth().directory;
  }

  public remove(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }

  /** The sample's sources with one line changed. */
  private source(line: ChangedLine | undefined): string {
    const copy = path.join(this.directory, 'source');
    rmSync(copy, { recursive: true, force: true });
    mkdirSync(copy);
    cpSync(SAMPLE, copy, { recursive: true });
    symlinkSync(path.join(REPOSITORY, 'node_modules'), path.join(copy, 'node_modules'));
    if (line) {
      const file = path.join(copy, line.file);
      const before = readFileSync(file, 'utf8');
      if (before.split(line.from).length !== 2) {
        throw new Error(`${line.file} has to contain exactly once: ${line.from}`);
      }
      writeFileSync(
        file,
        before.replace(line.from, () => line.to),
      );
    }
    return copy;
  }
}

/** The value of an output as the CDK's command prints it. */
export function outputValue(output: string, name: string): string {
  const [, value] = new RegExp(`^${STACK}\\.${name} = (\\S+)$`, 'm').exec(output) ?? [];
  if (value === undefined) {
    throw new Error(`the command has printed no output ${name}: ${output}`);
  }
  return value;
}
