import { COMMAND } from '../../command/run-command';
import { CREDENTIALS } from '../../local/aws-clients';
import { startRuntime, type Started } from '../../local/running';
import type { Program } from './stdio-conversation';

/** A server behind a data plane that takes signed requests alone. */
export function startSigned(server: string, environment: Record<string, string> = {}): Promise<Started> {
  return startRuntime({
    runtimes: [{ name: 'conversation', command: [process.execPath, server], environment }],
    credentials: [CREDENTIALS],
    auth: 'platform-urls',
  });
}

/** `stateful-mcp proxy`, which signs for the URL that AgentCore has for the runtime. */
export function ourProxyTo({ runtime, url }: Started, home: string): Required<Program> {
  return {
    command: process.execPath,
    args: [COMMAND, 'proxy', `${url}${runtime.runtimes[0]?.invocationPath}`, '--sigv4', '--region', 'us-east-1'],
    env: {
      HOME: home,
      PATH: process.env.PATH ?? '',
      AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
      AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
      AWS_EC2_METADATA_DISABLED: 'true',
    },
  };
}
