import { CommandError, EXIT } from './common/command-error';
import { parseCommandLine } from './command-line/command-line';
import type { Invocation } from './command-line/invocation';
import { printable } from './common/printable';
import { SDK_WARNING_SWITCH } from './common/sdk-warning';
import { InterruptedError, Shutdown } from './common/shutdown';
import { watchStandardStreams } from './common/standard-streams';
import { terminalOf } from './terminal/terminal';

// Which version of the AWS SDK this command brings along is not the concern of the user.
process.env[SDK_WARNING_SWITCH] ??= 'true';

const shutdown = new Shutdown();
watchStandardStreams(shutdown);

try {
  process.exitCode = await run(await parseCommandLine(process.argv.slice(2)));
} catch (error) {
  process.exitCode = await report(error);
} finally {
  shutdown.dispose();
}

/** Commands are loaded when they are run: help does not wait for the local runtime and its database. */
async function run(invocation: Invocation): Promise<number> {
  switch (invocation.command) {
    case 'dev':
      return (await import('./commands/dev')).dev(invocation, shutdown);
    case 'talk':
      return (await import('./commands/talk')).talk(invocation, shutdown);
    case 'call':
      return (await import('./commands/call')).call(invocation, shutdown);
    case 'check':
      return (await import('./commands/check')).check(invocation, shutdown);
    case 'versions':
      return (await import('./commands/operating/versions')).versions(invocation, shutdown);
    case 'promote':
      return (await import('./commands/operating/versions')).promote(invocation, shutdown);
    case 'rollback':
      return (await import('./commands/operating/versions')).rollback(invocation, shutdown);
    case 'proxy':
      return (await import('./commands/proxy')).proxy(invocation, shutdown);
    case 'install':
      return (await import('./commands/install')).install(invocation, shutdown);
    case 'login':
      return (await import('./commands/identity')).login(invocation, shutdown);
    case 'logout':
      return (await import('./commands/identity')).logout(invocation, shutdown);
    case 'whoami':
      return (await import('./commands/identity')).whoami(invocation, shutdown);
    case 'chat':
      return (await import('./commands/serving/chat')).chat(invocation, shutdown);
    case 'tools':
    case 'prompts':
    case 'resources':
      return (await import('./commands/serving/catalog')).catalog(invocation, shutdown);
    case 'sessions':
      return (await import('./commands/operating/sessions')).sessions(invocation, shutdown);
    case 'stop':
      return (await import('./commands/operating/sessions')).stop(invocation, shutdown);
    case 'logs':
      return (await import('./commands/operating/logs')).logs(invocation, shutdown);
    case 'doctor':
      return (await import('./commands/operating/doctor')).doctor(invocation, shutdown);
    case 'cost':
      return (await import('./commands/operating/cost')).cost(invocation, shutdown);
    case 'completion':
      return (await import('./commands/operating/completion')).completion(invocation);
    case 'complete':
      return (await import('./commands/operating/completion')).complete(invocation);
    case 'init':
      return (await import('./commands/init')).init(invocation, shutdown);
    case 'print':
      process.stdout.write(`${invocation.text}\n`);
      return EXIT.ok;
  }
}

/** Prints an error so that the user who caused it can read it. Gives back the exit code. */
async function report(error: unknown): Promise<number> {
  const { paint } = terminalOf({ stdin: process.stdin, output: process.stderr, env: process.env, yes: true });
  if (error instanceof InterruptedError) {
    if (error.by !== 'SIGPIPE') {
      process.stderr.write(`${paint('dim', error.message)}\n`);
    }
    return error.exitCode;
  }
  const text = error instanceof CommandError ? error.message : (await import('./common/error-text')).errorText(error);
  process.stderr.write(`${paint('red', 'error:')} ${printable(text)}\n`);
  return error instanceof CommandError ? error.exitCode : EXIT.failed;
}
