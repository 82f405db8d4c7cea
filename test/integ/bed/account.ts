import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  AdminCreateUserCommand,
  AdminSetUserPasswordCommand,
  CognitoIdentityProviderClient,
  DescribeUserPoolClientCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { memoryTokenStore, oauth, sigV4, type Auth } from 'stateful-mcp-client';
import { STACKS, type StackKind } from '../app/names';
import { synthesize } from '../app/stacks';
import { awsQuery, element } from '../wire/aws-query';
import { ControlPlane } from '../wire/control-plane';
import type { Address } from '../wire/raw-server';
import type { AwsConfiguration } from './aws-configuration';
import { Bed, NotHere, type TokenClients } from './bed';

const ROOT = path.join(__dirname, '..', '..', '..');
const CDK = path.join(ROOT, 'node_modules', 'aws-cdk', 'bin', 'cdk');
/** Of the client that `McpAuth.cognito` makes for hosts. */
const CALLBACK_PORT = 3118;
const PERSON = 'integ@example.com';

/** An account, with the credentials that the standard chain of AWS finds. */
export class Account extends Bed {
  public readonly rehearsal = false;
  public readonly timesAsFast = 1;
  public readonly endpointUrl = undefined;
  public readonly aws: AwsConfiguration;
  public readonly signer: Auth;
  public readonly controlPlane: ControlPlane;
  private readonly directory = mkdtempSync(path.join(tmpdir(), 'integ-'));
  private readonly known: string[] = [];
  private account = '';

  /** @param withPerson - whether somebody is there to sign in */
  public constructor(
    run: string,
    private readonly region: string,
    private readonly withPerson: boolean,
  ) {
    super(run);
    this.aws = { region };
    this.signer = sigV4({ region });
    const url = `https://bedrock-agentcore-control.${region}.amazonaws.com`;
    this.controlPlane = new ControlPlane({ url, auth: this.signer, run });
  }

  public get name(): string {
    return `AWS, ${this.region}`;
  }

  /** The account that the credentials are of, asked of STS. It is in no report. */
  public async identity(): Promise<string> {
    const xml = await awsQuery(this.sts, { Action: 'GetCallerIdentity', Version: '2011-06-15' });
    this.account = element(xml, 'Account') ?? '';
    return `${this.account} as ${element(xml, 'Arn')}`;
  }

  public get secrets(): readonly string[] {
    return [this.account, ...this.known];
  }

  public start(): Promise<void> {
    synthesize({ outdir: this.assembly, run: this.run });
    return Promise.resolve();
  }

  public async other(): Promise<Auth> {
    const { outputs } = this.stack('core');
    const xml = await awsQuery(this.sts, {
      Action: 'AssumeRole',
      Version: '2011-06-15',
      RoleArn: outputs.OtherRoleArn ?? '',
      RoleSessionName: 'integ',
      DurationSeconds: '900',
    });
    const credentials = {
      accessKeyId: element(xml, 'AccessKeyId') ?? '',
      secretAccessKey: element(xml, 'SecretAccessKey') ?? '',
      sessionToken: element(xml, 'SessionToken') ?? '',
    };
    this.known.push(...Object.values(credentials));
    return sigV4({ region: this.region, credentials });
  }

  /** Secrets of clients stay in this process. */
  public async tokenClients(): Promise<TokenClients> {
    const { outputs, failure } = this.stack('tokens');
    const { UserPoolId, MachineClientId = '', StrangerClientId = '', TokenEndpoint = '', Scope = '' } = outputs;
    if (UserPoolId === undefined) {
      throw new NotHere(`there is no user pool: ${failure}`);
    }
    const secretOf = async (id: string): Promise<{ id: string; secret: string }> => {
      const { UserPoolClient } = await this.cognito.send(
        new DescribeUserPoolClientCommand({ UserPoolId, ClientId: id }),
      );
      const secret = UserPoolClient?.ClientSecret ?? '';
      this.known.push(secret);
      return { id, secret };
    };
    return {
      tokenEndpoint: TokenEndpoint,
      scope: Scope,
      machine: await secretOf(MachineClientId),
      stranger: await secretOf(StrangerClientId),
    };
  }

  public async person(server: Address): Promise<Auth> {
    if (!this.withPerson) {
      throw new NotHere('nobody signs in: say `--person` for a run with somebody at a browser');
    }
    const { UserPoolId, PublicClientId } = this.stack('tokens').outputs;
    const password = `${crypto.randomUUID()}-Aa1!`;
    this.known.push(password);
    const user = { UserPoolId, Username: PERSON };
    const created = this.cognito.send(new AdminCreateUserCommand({ ...user, MessageAction: 'SUPPRESS' }));
    await created.catch((error: unknown) => {
      if ((error as Error).name !== 'UsernameExistsException') {
        throw error;
      }
    });
    await this.cognito.send(new AdminSetUserPasswordCommand({ ...user, Password: password, Permanent: true }));
    console.log(`  sign in for ${server.arn.split('/').at(-1)} as ${PERSON} with the password ${password}`);
    return oauth({ clientId: PublicClientId, callbackPort: CALLBACK_PORT, tokens: memoryTokenStore() });
  }

  public close(): Promise<void> {
    rmSync(this.directory, { recursive: true, force: true });
    return Promise.resolve();
  }

  protected async deployStack(kind: StackKind, signal: AbortSignal): Promise<void> {
    const options = ['--exclusively', '--require-approval', 'never', '--progress', 'events', '--no-notices'];
    const child = spawn(process.execPath, [CDK, 'deploy', '--app', this.assembly, STACKS[kind], ...options], {
      cwd: this.directory,
      env: { ...process.env, AWS_REGION: this.region, AWS_DEFAULT_REGION: this.region },
      stdio: ['ignore', 'ignore', 'inherit'],
      // Ctrl-C is for this program, which then removes the stacks.
      detached: true,
      signal,
    });
    const [code] = (await once(child, 'exit')) as [number | null];
    if (code !== 0) {
      throw new Error(`cdk deploy ${STACKS[kind]} ended with ${code}`);
    }
  }

  private get assembly(): string {
    return path.join(this.directory, 'cdk.out');
  }

  private get sts(): { url: string; auth: Auth } {
    return {
      url: `https://sts.${this.region}.amazonaws.com/`,
      auth: sigV4({ region: this.region, service: 'sts' }),
    };
  }

  private get cognito(): CognitoIdentityProviderClient {
    return new CognitoIdentityProviderClient(this.aws);
  }
}
