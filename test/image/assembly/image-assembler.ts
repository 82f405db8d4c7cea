import { fork, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import type { ImageAssemblyData, ImageAssemblyProperties } from '../../../lib/private/image/image-assembly-contract';
import type { Certificates } from '../registries/certificates';
import { onEnd } from './disposal';

export interface AssemblerOptions {
  readonly certificates: Certificates;
  readonly bucketEndpoint: string;
  /** The double of Amazon ECR: its API, and the port that its registry's names lead to. */
  readonly ecr?: { readonly apiEndpoint: string; readonly port: number };
}

/** What the construct passes beside the base image, the application and the repository. */
export const PROGRAM = { entrypoint: ['node', 'index.js'], user: '1000', workingDirectory: '/app', port: '8000' };

export interface RunOptions {
  readonly requestType?: 'Create' | 'Update' | 'Delete';
  readonly timeLimitMs?: number;
  /** The folder of another Node.js. */
  readonly nodeFolder?: string;
  /** The folder of another copy of the handler. */
  readonly handlerFolder?: string;
}

/** What CloudFormation was told, and how it was for the process. */
export interface Outcome {
  readonly status: 'SUCCESS' | 'FAILED';
  readonly reason?: string;
  readonly data?: ImageAssemblyData;
  readonly physicalResourceId: string;
  readonly peakMemoryBytes: number;
  readonly output: string;
}

export interface Run {
  readonly process: ChildProcess;
  readonly outcome: Promise<Outcome>;
}

interface Response {
  readonly Status: 'SUCCESS' | 'FAILED';
  readonly Reason?: string;
  readonly Data?: ImageAssemblyData;
  readonly PhysicalResourceId: string;
  readonly RequestId: string;
}

/** Sends events of CloudFormation to the shipped handler, each to a process of its own. */
export class ImageAssembler {
  private readonly responses = new Map<string, Response>();
  private endpoint = '';

  public constructor(private readonly options: AssemblerOptions) {}

  /** Starts what stands for CloudFormation's end of the presigned URLs. */
  public async start(): Promise<this> {
    const server = createServer(
      (request, response) =>
        void text(request).then(body => {
          const message = JSON.parse(body) as Response;
          this.responses.set(message.RequestId, message);
          response.end();
        }),
    );
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    this.endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    onEnd(() => void server.close());
    return this;
  }

  public async assemble(properties: ImageAssemblyProperties, options: RunOptions = {}): Promise<Outcome> {
    return this.run(properties, options).outcome;
  }

  public run(
    properties: ImageAssemblyProperties,
    { requestType = 'Create', timeLimitMs = 900_000, nodeFolder, handlerFolder }: RunOptions = {},
  ): Run {
    const RequestId = randomUUID();
    const event = {
      RequestType: requestType,
      ResponseURL: `${this.endpoint}/${RequestId}?signature=1`,
      StackId: 'arn:aws:cloudformation:eu-central-1:123456789012:stack/test/1',
      RequestId,
      LogicalResourceId: 'Image',
      ResourceProperties: { ServiceToken: 'arn:aws:lambda:eu-central-1:123456789012:function:test', ...properties },
    };
    const child = fork(path.join(__dirname, 'handler-process.cjs'), [], {
      execPath: nodeFolder === undefined ? process.execPath : path.join(nodeFolder, 'node'),
      silent: true,
      env: {
        PATH: process.env.PATH,
        NODE_EXTRA_CA_CERTS: this.options.certificates.caFile,
        AWS_REGION: 'eu-central-1',
        AWS_ACCESS_KEY_ID: 'S3RVER',
        AWS_SECRET_ACCESS_KEY: 'S3RVER',
        AWS_ENDPOINT_URL_S3: this.options.bucketEndpoint,
        ...(this.options.ecr && {
          AWS_ENDPOINT_URL_ECR: this.options.ecr.apiEndpoint,
          ECR_DOUBLE_PORT: String(this.options.ecr.port),
        }),
        ...(handlerFolder !== undefined && { HANDLER_FOLDER: handlerFolder }),
      },
    });
    child.send({ event, timeLimitMs });
    return { process: child, outcome: this.outcomeOf(child, RequestId) };
  }

  private async outcomeOf(child: ChildProcess, requestId: string): Promise<Outcome> {
    let output = '';
    let peakMemoryBytes = 0;
    child.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stderr?.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.on('message', (message: { peakMemoryBytes: number }) => ({ peakMemoryBytes } = message));
    await once(child, 'close');
    const response = this.responses.get(requestId);
    if (response === undefined) {
      throw new Error(`CloudFormation got no response: ${output}`);
    }
    const { Status: status, Reason: reason, Data: data, PhysicalResourceId: physicalResourceId } = response;
    return { status, reason, data, physicalResourceId, peakMemoryBytes, output };
  }
}
