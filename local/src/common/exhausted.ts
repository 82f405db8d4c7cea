const EXHAUSTED: Readonly<Record<string, string>> = {
  EMFILE:
    'this program has no file descriptors left (EMFILE): close connections to it, or raise its limit (`ulimit -n`)',
  ENFILE: 'this machine has no file descriptors left (ENFILE): end other programs, or raise its limit',
  EAGAIN: 'this machine has no processes left for this user (EAGAIN): end others, or raise the limit (`ulimit -u`)',
  ENOMEM: 'this machine has no memory left (ENOMEM): end other programs',
};

/** What there is nothing left of, with a remedy, where the operating system refused something for that reason. */
export function exhaustedIn(error: Error): string | undefined {
  return EXHAUSTED[(error as NodeJS.ErrnoException).code ?? ''];
}
