import { EXIT } from './command-error';
import type { Shutdown } from './shutdown';

/** The reader has gone: the other end of a pipe or a socket, or the terminal. */
const READER_GONE: readonly unknown[] = ['EPIPE', 'ECONNRESET', 'EIO'];

/**
 * Ends the command when the reader of its output has gone (`| head`), so that there is no use in going on. What cannot
 * be written for another reason, such as a full disk, is lost and ends nothing: sessions are worth more than their log.
 * A result that is lost fails the command.
 */
export function watchStandardStreams(shutdown: Shutdown): void {
  let isLost = false;
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (READER_GONE.includes(error.code)) {
        shutdown.request('SIGPIPE');
      } else if (stream === process.stdout && !isLost) {
        isLost = true;
        process.stderr.write(
          `error: standard output cannot be written, and what it was to show is lost: ${error.message}\n`,
        );
      }
    });
  }
  process.once('exit', code => {
    if (isLost && code === EXIT.ok) {
      process.exitCode = EXIT.failed;
    }
  });
}
