import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';

const CDK = path.join(__dirname, '..', '..', '..', 'node_modules', 'aws-cdk', 'bin', 'cdk');
const SHORT_WAITS = path.join(__dirname, 'short-waits.cjs');

export interface CdkOutcome {
  readonly exitCode: number | null;
  /** What people see: both streams in the order in which they came. */
  readonly output: string;
}

/** Runs the CDK's own command, which sees none of the user's settings and asks nobody but `AWS_ENDPOINT_URL`. */
export async function cdkCommand(
  args: readonly string[],
  { directory, environment }: { readonly directory: string; readonly environment: Readonly<Record<string, string>> },
): Promise<CdkOutcome> {
  const child = spawn(
    process.execPath,
    ['--require', SHORT_WAITS, CDK, ...args, '--no-color', '--no-notices', '--ci'],
    {
      cwd: directory,
      env: {
        PATH: process.env.PATH,
        HOME: directory,
        TMPDIR: directory,
        // The command remembers the account of a key, which is another one in each rehearsal.
        CDK_HOME: path.join(directory, '.cdk'),
        CDK_DISABLE_CLI_TELEMETRY: 'true',
        CDK_DISABLE_VERSION_CHECK: '1',
        AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
        AWS_EC2_METADATA_DISABLED: 'true',
        ...environment,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const [exitCode] = (await once(child, 'close')) as [number | null];
  return { exitCode, output };
}
