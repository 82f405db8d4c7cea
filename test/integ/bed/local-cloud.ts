import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { bearer, sigV4, type Auth } from 'stateful-mcp-client';
import { LocalRuntime } from 'stateful-mcp-local';
import { ROOT_CREDENTIALS, REGION } from '../../deploy/cloud/cloud';
import { Rehearsal, TIMES_AS_FAST } from '../../deploy/cloud/rehearsal';
import { startProvider } from '../../local/fixtures/provider';
import { arnOutput, runtimeName, SERVERS, STACKS, type ServerKind, type StackKind } from '../app/names';
import { synthesize } from '../app/stacks';
import { ControlPlane } from '../wire/control-plane';
import type { Address } from '../wire/raw-server';
import type { AwsConfiguration } from './aws-configuration';
import { Bed, NotHere, type DeployedStack, type TokenClients } from './bed';
import { tokenOfPerson } from './person';

const MINISTACK = path.join(__dirname, '..', '..', '..', 'scripts', 'ministack.sh');
const SCOPE = 'expenses/read';
const OTHER_CREDENTIALS = { accessKeyId: 'AKIAOTHER00000000000', secretAccessKey: 'of somebody else' };
/** So much memory may be filled here to see what comes of it. */
const MEMORY_MIB = 512;
/** In place of 15 minutes: no clock makes it faster. */
const REQUEST_SECONDS = 20;

/**
 * A cloud on this machine: the CDK's command deploys to MiniStack, and the local runtime is AgentCore. Images, which
 * MiniStack has no registry for, are served from the assembly instead.
 */
export class LocalCloud extends Bed {
  public readonly name = 'this machine: a rehearsal, which says nothing about AWS';
  public readonly rehearsal = true;
  public readonly timesAsFast = TIMES_AS_FAST;
  public readonly signer = sigV4({ region: REGION, credentials: ROOT_CREDENTIALS });
  public readonly secrets = [];
  private readonly directory = mkdtempSync(path.join(tmpdir(), 'integ-'));
  private cloud: Rehearsal | undefined;
  private provider: Awaited<ReturnType<typeof startProvider>> | undefined;
  private images: { runtime: LocalRuntime; url: string } | undefined;

  public constructor(run: string) {
    super(run);
  }

  public get endpointUrl(): string {
    return this.started.dataPlane;
  }

  public get aws(): AwsConfiguration {
    return this.started.aws;
  }

  public get controlPlane(): ControlPlane {
    return (this.plane ??= new ControlPlane({ url: this.started.dataPlane, auth: this.signer, run: this.run }));
  }
  private plane: ControlPlane | undefined;

  public async start(): Promise<void> {
    withMiniStack();
    this.provider = await startProvider('cognito-provider');
    synthesize({
      outdir: this.assembly,
      run: this.run,
      issuer: {
        discoveryUrl: `${this.provider.issuer}/.well-known/openid-configuration`,
        allowedClients: ['machine', 'people'],
        allowedScopes: [SCOPE],
      },
    });
    this.cloud = await Rehearsal.start({
      iam: false,
      runtime: {
        auth: 'platform-urls',
        credentials: [ROOT_CREDENTIALS, OTHER_CREDENTIALS],
        settings: { pingIntervalMs: 5_000 },
        resources: { memoryBytes: MEMORY_MIB * 2 ** 20 },
        limits: { requestMs: REQUEST_SECONDS * 1_000 },
      },
    });
  }

  public other(): Promise<Auth> {
    return Promise.resolve(sigV4({ region: REGION, credentials: OTHER_CREDENTIALS }));
  }

  public tokenClients(): Promise<TokenClients> {
    return Promise.resolve({
      tokenEndpoint: `${this.provider?.issuer}/token`,
      scope: SCOPE,
      machine: { id: 'machine', secret: 'secret' },
      stranger: { id: 'other-machine', secret: 'secret' },
    });
  }

  public async person({ arn }: Address): Promise<Auth> {
    return bearer(await tokenOfPerson(this.provider?.issuer ?? '', SCOPE, `https://${arn.split('/').at(-1)}.example`));
  }

  public override async deploy(kind: StackKind, signal: AbortSignal): Promise<DeployedStack> {
    return kind === 'image' ? this.serveImages() : super.deploy(kind, signal);
  }

  public override address(kind: ServerKind): Address {
    const address = super.address(kind);
    return SERVERS[kind] === 'image' ? { ...address, endpointUrl: this.images?.url } : address;
  }

  public async close(): Promise<void> {
    await this.images?.runtime.close();
    await this.cloud?.close();
    this.provider?.end();
    rmSync(this.directory, { recursive: true, force: true });
  }

  protected async deployStack(kind: StackKind): Promise<void> {
    const options = ['--exclusively', '--require-approval', 'never', '--progress', 'events'];
    await this.started.cdk('deploy', '--app', this.assembly, STACKS[kind], ...options);
  }

  private async serveImages(): Promise<DeployedStack> {
    const startedAt = Date.now();
    const runtime = new LocalRuntime({
      assembly: this.assembly,
      credentials: [ROOT_CREDENTIALS],
      pooledProcesses: 0,
      resources: { memoryBytes: MEMORY_MIB * 2 ** 20 },
    });
    await runtime.ready;
    const { url } = await runtime.listen();
    this.images = { runtime, url };
    const outputs: Record<string, string> = {};
    for (const kind of Object.keys(SERVERS) as ServerKind[]) {
      const found = runtime.runtimes.find(({ name }) => name === runtimeName(kind));
      if (SERVERS[kind] === 'image' && found) {
        outputs[arnOutput(kind)] = found.arn;
      }
    }
    const served = { outputs, milliseconds: Date.now() - startedAt };
    this.stacks.set('image', served);
    return served;
  }

  private get assembly(): string {
    return path.join(this.directory, 'cdk.out');
  }

  private get started(): Rehearsal {
    if (this.cloud === undefined) {
      throw new NotHere('the cloud of this machine has not started');
    }
    return this.cloud;
  }
}

/** Puts its Python first, unless that is done already. */
function withMiniStack(): void {
  if (spawnSync('python3', ['-c', 'import ministack'], { stdio: 'ignore' }).status !== 0) {
    const directory = execFileSync('bash', [MINISTACK], { encoding: 'utf8' }).trim();
    process.env.PATH = `${directory}${path.delimiter}${process.env.PATH}`;
  }
}
