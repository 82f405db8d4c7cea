import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { ReleaseCheckProperties, ReleaseRecord } from '../../../../lib/private/release/release-check-contract';
import { HttpTransport } from '../../../../lambda/common/http-transport';
import { ControlPlane } from '../../../../lambda/release-check/aws/control-plane';
import { RecordStore } from '../../../../lambda/release-check/aws/record';
import { Deadline, type TimeLimits } from '../../../../lambda/release-check/common/deadline';
import { ReleaseLog } from '../../../../lambda/release-check/common/release-log';
import { parseRelease } from '../../../../lambda/release-check/common/release-request';
import type { ReleaseParts } from '../../../../lambda/release-check/stage/candidate';
import { AwsServices } from '../aws-services';

/** What a server was asked, and through which endpoint. */
export interface Asked {
  readonly qualifier: string;
  /** Method of JSON-RPC, that of HTTP where there is none, or what the platform is asked for itself. */
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
}

/** An answer that the server does not get to give. */
export interface Refusal {
  readonly status: number;
  /** JSON-RPC code of the platform. */
  readonly code?: number;
  readonly message?: string;
}

export const RECORD = '/record';
const RUNTIME = 'expenses-1';

/** An artifact that is named by its content. */
export const ARTIFACT = { containerConfiguration: { containerUri: `registry/expenses@sha256:${'a'.repeat(64)}` } };

/**
 * One stage of a release, with everything around it on loopback: the control plane and the other services, and a data
 * plane with a server that lists its tools. What either answers is a test's own.
 */
export class StagedRelease {
  public readonly services = new AwsServices();
  public readonly asked: Asked[] = [];
  /** Names of the tools, through each endpoint. */
  public readonly tools = new Map<string, readonly string[]>();
  /** What is refused, if anything. */
  public refuse: (asked: Asked) => Refusal | undefined = () => undefined;
  /** What CloudFormation is given by the construct. */
  public readonly properties: ReleaseCheckProperties = {
    runtimeArn: `arn:aws:bedrock-agentcore:us-east-1:123456789012:runtime/${RUNTIME}`,
    version: '3',
    stage: 'candidate',
    endpointName: 'live',
    check: JSON.stringify({ sessions: false, tools: ['add_expense'] }),
    onInconclusive: 'fail',
    callers: [{ kind: 'iam' }],
    recordName: RECORD,
  };
  /** What the authorization server answers: a token for every client. */
  public authorize: (pathname: string) => [status: number, answer: object] = () => [404, {}];
  private readonly usual = [...this.services.answers];
  private logged: string[] = [];
  private deadline?: Deadline;
  private opened: { close(): void }[] = [];
  private readonly plane = createServer((request, response) => {
    void text(request).then(body => {
      const { pathname, searchParams } = new URL(request.url ?? '', 'http://plane');
      const [status, answer] = pathname.startsWith('/runtimes/')
        ? this.answer(String(searchParams.get('qualifier')), request, body)
        : this.authorize(pathname);
      response.writeHead(status, { 'content-type': 'application/json', 'mcp-session-id': 'of-the-server' });
      response.end(JSON.stringify(answer));
    });
  });

  public async start(): Promise<void> {
    await this.services.start();
    this.plane.listen(0, '127.0.0.1');
    await once(this.plane, 'listening');
    Object.assign(process.env, { AWS_MAX_ATTEMPTS: '1', AWS_ENDPOINT_URL_BEDROCK_AGENTCORE: this.url });
  }

  public async close(): Promise<void> {
    await this.services.close();
    this.plane.closeAllConnections();
    this.plane.close();
    await once(this.plane, 'close');
  }

  /** A runtime whose newest version is 3, which nobody calls yet. */
  public reset(): void {
    this.services.reset();
    this.services.answers.clear();
    for (const [operation, answer] of this.usual) {
      this.services.answers.set(operation, answer);
    }
    this.asked.length = 0;
    this.logged = [];
    this.tools.clear();
    this.refuse = () => undefined;
    this.authorize = pathname => [
      200,
      pathname === '/discovery' ? { token_endpoint: `${this.url}/token` } : { access_token: 'a.token' },
    ];
    this.promote();
    this.tell('runtime-endpoints/DEFAULT/', { status: 'READY', liveVersion: '3' });
    for (const version of ['1', '2', '3']) {
      this.make(version, { RELEASE: version });
    }
    for (const method of ['log', 'warn', 'error'] as const) {
      jest.spyOn(console, method).mockImplementation((...line: unknown[]) => {
        this.logged.push(`${method}: ${line.join(' ')}`);
      });
    }
  }

  /** Makes a version, which is told from others by its environment. */
  public make(version: string, environmentVariables: object): void {
    this.tell(`?version=${version}`, {
      status: 'READY',
      agentRuntimeVersion: version,
      agentRuntimeArtifact: ARTIFACT,
      environmentVariables,
    });
  }

  /** Has users call a version, and another one later; without any, there is no endpoint for them. */
  public promote(...versions: string[]): void {
    const endpoints = versions.map(liveVersion => ({ status: 'READY', liveVersion }));
    this.tell('runtime-endpoints/live/', ...(endpoints.length > 0 ? endpoints : [undefined]));
  }

  /** Tells one thing after the other of a path of the control plane, and the last one from then on. */
  public tell(path: string, ...answers: (object | undefined)[]): void {
    this.services.answers.set(`GET /runtimes/${RUNTIME}/${path}`, () => {
      const answer = answers.length > 1 ? answers.shift() : answers[0];
      if (answer === undefined) {
        throw Object.assign(new Error(`no ${path}`), { name: 'ResourceNotFoundException', status: 404 });
      }
      return answer;
    });
  }

  /** What a stage is given. */
  public parts(change: Partial<ReleaseCheckProperties> = {}, limits: Partial<TimeLimits> = {}): ReleaseParts {
    const request = parseRelease({ ...this.properties, ...change });
    const minute = 60_000;
    const deadline = new Deadline({
      startedAt: Date.now(),
      runMs: 54 * minute,
      invocationMs: 14 * minute,
      continues: true,
      ...limits,
    });
    const retries = { attempts: 2, firstPauseMs: 1, longestPauseMs: 1, longestRetryAfterMs: 10 };
    const awsCalls = { retries, denialPausesMs: [1] };
    const { signal } = deadline;
    const transport = new HttpTransport();
    const control = new ControlPlane(request.runtimeId, awsCalls, signal);
    const records = new RecordStore(request.recordName, awsCalls, signal);
    this.deadline = deadline;
    this.opened = [transport, control, records];
    return {
      request,
      deadline,
      log: new ReleaseLog({ logGroupName: 'group', logStreamName: 'stream' }),
      access: { transport, retries, signal },
      awsCalls,
      connectTimeoutMs: 20_000,
      run: 'run',
      control,
      records,
    };
  }

  /** Ends what a stage was given. */
  public release(): void {
    this.deadline?.end();
    for (const part of this.opened) {
      part.close();
    }
  }

  /** All that was written into the log of the function, each line with its level. */
  public get log(): string {
    return this.logged.join('\n');
  }

  public get record(): ReleaseRecord | undefined {
    const record = this.services.parameters.get(RECORD);
    return record === undefined ? undefined : (JSON.parse(record) as ReleaseRecord);
  }

  /** The endpoints through which a server was asked, each once. */
  public get qualifiers(): string[] {
    return [...new Set(this.asked.map(({ qualifier }) => qualifier))];
  }

  /** Where the data plane and the authorization server are. */
  public get url(): string {
    return `http://127.0.0.1:${(this.plane.address() as AddressInfo).port}`;
  }

  private answer(
    qualifier: string,
    { url = '', method: verb, headers }: IncomingMessage,
    body: string,
  ): [status: number, answer: object] {
    const isStop = url.includes('/stopruntimesession');
    const message = (isStop || body === '' ? {} : JSON.parse(body)) as Readonly<Record<string, unknown>>;
    const { id, method = verb, params } = message;
    const asked = { qualifier, method: isStop ? 'StopRuntimeSession' : String(method), headers };
    this.asked.push(asked);
    const refusal = this.refuse(asked);
    if (refusal !== undefined) {
      const error = { code: refusal.code ?? -32_600, message: refusal.message ?? 'refused by the test' };
      return [refusal.status, { jsonrpc: '2.0', id, error }];
    }
    switch (asked.method) {
      case 'initialize': {
        const { protocolVersion } = params as { protocolVersion: string };
        const serverInfo = { name: 'staged', version: '1' };
        return [200, { jsonrpc: '2.0', id, result: { protocolVersion, capabilities: { tools: {} }, serverInfo } }];
      }
      case 'tools/list': {
        const names = this.tools.get(qualifier) ?? ['add_expense'];
        const tools = names.map(name => ({ name, inputSchema: { type: 'object' } }));
        return [200, { jsonrpc: '2.0', id, result: { tools } }];
      }
      case 'StopRuntimeSession':
        return [200, {}];
      case 'notifications/initialized':
        return [202, {}];
      default:
        return [405, {}];
    }
  }
}
