// Where the app runs: in an account, or in the local runtime, where everything but AWS itself is rehearsed.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  CognitoIdentityProviderClient,
  DescribeUserPoolClientCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { clientCredentials, sigV4, type Auth } from 'stateful-mcp-client';
import { LocalRuntime } from 'stateful-mcp-local';
import { RUNTIMES, STACK } from './names';

const ROOT = path.join(__dirname, '..', '..');
const APP = `${JSON.stringify(process.execPath)} --import tsx test/integ/app.ts`;

export interface DeployedServer {
  readonly url: string;
  readonly auth: Auth;
}

export interface Place {
  readonly name: string;
  /** How long the longest call takes. */
  readonly longCallSeconds: number;
  /** A signature that nobody knows. */
  readonly stranger: Auth;
  deploy(): Promise<void>;
  /** `undefined` where there is none of this kind. */
  server(kind: keyof typeof RUNTIMES): Promise<DeployedServer | undefined>;
  remove(): Promise<void>;
}

const STRANGER = { accessKeyId: 'AKIASTRANGER00000000', secretAccessKey: 'of nobody' };

export class Account implements Place {
  public readonly name: string;
  /** Above 15 minutes, which the documentation gives for a synchronous request. */
  public readonly longCallSeconds = 16 * 60;
  public readonly stranger: Auth;
  private readonly directory = mkdtempSync(path.join(tmpdir(), 'integ-'));

  public constructor(private readonly region: string) {
    this.name = `AWS, ${region}`;
    this.stranger = sigV4({ region, credentials: STRANGER });
  }

  public deploy(): Promise<void> {
    this.cdk('deploy', '--require-approval', 'never', '--outputs-file', path.join(this.directory, 'outputs.json'));
    return Promise.resolve();
  }

  public async server(kind: keyof typeof RUNTIMES): Promise<DeployedServer | undefined> {
    const outputs = JSON.parse(readFileSync(path.join(this.directory, 'outputs.json'), 'utf8')) as Record<
      string,
      Record<string, string>
    >;
    const { SignedUrl, ProbeUrl, TokensUrl, UserPoolId, MachineClientId } = outputs[STACK] ?? {};
    const url = { signed: SignedUrl, probe: ProbeUrl, tokens: TokensUrl }[kind];
    if (url === undefined) {
      return undefined;
    }
    if (kind !== 'tokens') {
      return { url, auth: sigV4({ region: this.region }) };
    }
    return { url, auth: await this.machine(UserPoolId ?? '', MachineClientId ?? '') };
  }

  public remove(): Promise<void> {
    this.cdk('destroy', '--force');
    rmSync(this.directory, { recursive: true, force: true });
    return Promise.resolve();
  }

  private cdk(...args: string[]): void {
    const env = { ...process.env, AWS_REGION: this.region, AWS_DEFAULT_REGION: this.region };
    const options = ['cdk', '--app', APP, '--output', path.join(this.directory, 'cdk.out'), ...args, STACK];
    const { status } = spawnSync('npx', options, { cwd: ROOT, stdio: 'inherit', env });
    if (status !== 0) {
      throw new Error(`cdk ${args[0]} ended with ${status}`);
    }
  }

  /** The secret of the client stays in this process. */
  private async machine(userPoolId: string, clientId: string): Promise<Auth> {
    const cognito = new CognitoIdentityProviderClient({ region: this.region });
    const { UserPoolClient } = await cognito.send(
      new DescribeUserPoolClientCommand({ UserPoolId: userPoolId, ClientId: clientId }),
    );
    return clientCredentials({ clientId, clientSecret: UserPoolClient?.ClientSecret });
  }
}

/** The local runtime, with the app that would be deployed. */
export class Rehearsal implements Place {
  public readonly name = 'the local runtime: a rehearsal, which says nothing about AWS';
  public readonly longCallSeconds = 2;
  public readonly stranger = sigV4({ region: 'us-east-1', credentials: STRANGER });
  private readonly directory = mkdtempSync(path.join(tmpdir(), 'integ-'));
  private readonly credentials = { accessKeyId: 'AKIAREHEARSAL0000000', secretAccessKey: 'for this process alone' };
  private runtime: LocalRuntime | undefined;
  private url = '';

  public async deploy(): Promise<void> {
    const assembly = path.join(this.directory, 'cdk.out');
    execFileSync(process.execPath, ['--import', 'tsx', 'test/integ/app.ts'], {
      cwd: ROOT,
      env: { ...process.env, CDK_OUTDIR: assembly, CDK_CONTEXT_JSON: JSON.stringify({ rehearsal: true }) },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    this.runtime = new LocalRuntime({ assembly, credentials: [this.credentials] });
    await this.runtime.ready;
    ({ url: this.url } = await this.runtime.listen());
  }

  public server(kind: keyof typeof RUNTIMES): Promise<DeployedServer | undefined> {
    const found = this.runtime?.runtimes.find(({ name }) => name === RUNTIMES[kind]);
    return Promise.resolve(
      found && {
        url: this.url + found.invocationPath,
        auth: sigV4({ region: 'us-east-1', credentials: this.credentials }),
      },
    );
  }

  public async remove(): Promise<void> {
    await this.runtime?.close();
    rmSync(this.directory, { recursive: true, force: true });
  }
}
