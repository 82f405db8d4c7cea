import { version } from '../package.json';
import { CommandError, EXIT } from './common/command-error';
import { parseCommandLine, type Invocation } from './command-line/command-line';
import { call } from './commands/call';
import { dev } from './commands/dev';
import { talk } from './commands/talk';
import { errorText } from './common/error-text';
import { SDK_WARNING_SWITCH } from './common/sdk-warning';
import { InterruptedError, Shutdown } from './common/shutdown';
import { terminalOf } from './terminal/terminal';
import { commandHelp, generalHelp } from './command-line/usage';

// Which version of the AWS SDK this command brings along is not the concern of the person at the terminal.
process.env[SDK_WARNING_SWITCH] ??= 'true';

const shutdown = new Shutdown();
for (const stream of [process.stdout, process.stderr]) {
  // Whoever read the output has gone (`| head`): there is nobody left to work for.
  stream.on('error', () => shutdown.request('SIGPIPE'));
}

try {
  process.exitCode = await run(parseCommandLine(process.argv.slice(2)));
} catch (error) {
  process.exitCode = report(error);
} finally {
  shutdown.dispose();
}

function run(invocation: Invocation): Promise<number> | number {
  switch (invocation.command) {
    case 'dev':
      return dev(invocation, shutdown);
    case 'talk':
      return talk(invocation, shutdown);
    case 'call':
      return call(invocation, shutdown);
    case 'help':
      process.stdout.write(`${invocation.topic ? commandHelp(invocation.topic) : generalHelp()}\n`);
      return EXIT.ok;
    case 'version':
      process.stdout.write(`${version}\n`);
      return EXIT.ok;
  }
}

/** Prints an error so that the person who caused it can read it. Gives back the exit code. */
function report(error: unknown): number {
  const { paint } = terminalOf({ stdin: process.stdin, output: process.stderr, env: process.env, yes: true });
  if (error instanceof InterruptedError) {
    if (error.by !== 'SIGPIPE') {
      process.stderr.write(`${paint('dim', error.message)}\n`);
    }
    return error.exitCode;
  }
  process.stderr.write(`${paint('red', 'error:')} ${errorText(error)}\n`);
  return error instanceof CommandError ? error.exitCode : EXIT.failed;
}
