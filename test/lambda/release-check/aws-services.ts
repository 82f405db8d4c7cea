import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { text } from 'node:stream/consumers';

/** The services that the handler calls, whose endpoints the AWS SDK reads from the environment. */
const SERVICES = [
  'SSM',
  'SECRETS_MANAGER',
  'COGNITO_IDENTITY_PROVIDER',
  'CLOUDWATCH_LOGS',
  'LAMBDA',
  'BEDROCK_AGENTCORE_CONTROL',
];

/** A call of a service, by the name of its operation. */
export interface AwsCall {
  readonly operation: string;
  readonly input: Readonly<Record<string, unknown>>;
  readonly headers: IncomingHttpHeaders;
}

type Answer = (input: Readonly<Record<string, unknown>>) => object | Promise<object>;

/** An error as services of AWS answer it. */
export class AwsError extends Error {
  public constructor(
    public override readonly name: string,
    public readonly status = 400,
  ) {
    super(`${name} of the test`);
  }
}

/**
 * The services of AWS that the handler calls, on loopback, without the data plane of AgentCore. What it answers is read,
 * and what it is asked was written, by the AWS SDK.
 */
export class AwsServices {
  public readonly calls: AwsCall[] = [];
  public readonly parameters = new Map<string, string>();
  public readonly answers = new Map<string, Answer>([
    ['AmazonSSM.GetParameter', ({ Name }) => ({ Parameter: { Name, Type: 'String', Value: this.parameter(Name) } })],
    ['AmazonSSM.PutParameter', ({ Name, Value }) => this.put(String(Name), String(Value))],
    ['AmazonSSM.DeleteParameter', ({ Name }) => (this.parameter(Name), this.parameters.delete(String(Name)), {})],
  ]);
  private readonly sockets = new Set<Socket>();
  private readonly server: Server = createServer((request, response) => {
    void this.answer(request).then(({ status, body }) => {
      const type = body.__type as string | undefined;
      response.writeHead(status, {
        'content-type': 'application/x-amz-json-1.1',
        ...(type !== undefined && { 'x-amzn-errortype': type }),
      });
      response.end(JSON.stringify(body));
    });
  });

  /** Listens, and gives the AWS SDK credentials for it. Connections stay open until the other side closes them. */
  public async start(): Promise<void> {
    this.server.keepAliveTimeout = 0;
    this.server.on('connection', socket => {
      this.sockets.add(socket);
      socket.once('close', () => this.sockets.delete(socket));
    });
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    Object.assign(process.env, { AWS_REGION: 'us-east-1', AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b' });
    for (const service of SERVICES) {
      process.env[`AWS_ENDPOINT_URL_${service}`] = this.url;
    }
  }

  public get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** How many connections are open. */
  public get connections(): number {
    return this.sockets.size;
  }

  /** Forgets what was asked and kept. */
  public reset(): void {
    this.calls.length = 0;
    this.parameters.clear();
  }

  public async close(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }

  private async answer(request: IncomingMessage): Promise<{ status: number; body: Record<string, unknown> }> {
    const body = await text(request);
    const target = request.headers['x-amz-target'];
    const operation = typeof target === 'string' ? target : `${request.method} ${request.url}`;
    const input = body === '' ? {} : (JSON.parse(body) as Record<string, unknown>);
    this.calls.push({ operation, input, headers: request.headers });
    try {
      const answer = this.answers.get(operation);
      if (answer === undefined) {
        throw new AwsError('AccessDeniedException');
      }
      return { status: operation.includes('/invocations') ? 202 : 200, body: { ...(await answer(input)) } };
    } catch (error) {
      const { name, status = 500, message } = error as AwsError;
      return { status, body: { __type: name, message } };
    }
  }

  private parameter(name: unknown): string {
    const value = this.parameters.get(String(name));
    if (value === undefined) {
      throw new AwsError('ParameterNotFound');
    }
    return value;
  }

  private put(name: string, value: string): object {
    this.parameters.set(name, value);
    return { Version: 1, Tier: 'Standard' };
  }
}
