// What the program deploys, as a cloud assembly: the sample for every kind of caller, and servers that tell what the
// platform does with them. Everything is removed with its stack.
import path from 'node:path';
import { App, CfnOutput, Duration, RemovalPolicy, Stack, Tags } from 'aws-cdk-lib';
import { AttributeType, BillingMode, Table } from 'aws-cdk-lib/aws-dynamodb';
import { AccountRootPrincipal, Role } from 'aws-cdk-lib/aws-iam';
import { OAuthScope } from 'aws-cdk-lib/aws-cognito';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import {
  AllowedPort,
  McpAuth,
  McpPlatformVersion,
  McpRelease,
  McpServerCode,
  McpStorage,
  Packaging,
  StatefulMcpServer,
  type CognitoAuth,
  type StatefulMcpServerProps,
} from '../../../lib';
import { arnOutput, IDLE_SECONDS, runtimeName, SERVERS, STACKS, TAG, type ServerKind, type StackKind } from './names';

/** Who issues tokens where there is no Amazon Cognito. */
export interface Issuer {
  readonly discoveryUrl: string;
  readonly allowedClients: string[];
  readonly allowedScopes: string[];
}

export interface Variant {
  readonly outdir: string;
  /** What the tag of everything says. */
  readonly run: string;
  /** Amazon Cognito when left out. */
  readonly issuer?: Issuer;
}

const SERVERS_DIRECTORY = path.join(__dirname, '..', 'servers');
const SAMPLE = path.join(__dirname, '..', '..', '..', 'samples', 'expense-tracker', 'server.ts');
const PROBE = path.join(SERVERS_DIRECTORY, 'probe-server.ts');
const OBEDIENT = path.join(SERVERS_DIRECTORY, 'obedient-server.ts');
const removalPolicy = RemovalPolicy.DESTROY;
/** What a session costs is bounded by it. */
const idleTimeout = Duration.seconds(IDLE_SECONDS);

type ServerProps = Omit<StatefulMcpServerProps, 'code'>;

/** @returns the directory of the cloud assembly */
export function synthesize({ outdir, run, issuer }: Variant): string {
  const app = new App({ outdir });
  Tags.of(app).add(TAG, run);
  const stacks = Object.fromEntries(
    Object.entries(STACKS).map(([kind, name]) => [kind, new Stack(app, name)]),
  ) as Record<StackKind, Stack>;
  const server = (kind: ServerKind, file: string, packaging: Packaging, props: ServerProps = {}): StatefulMcpServer => {
    const stack = stacks[SERVERS[kind]];
    const made = new StatefulMcpServer(stack, kind, {
      runtimeName: runtimeName(kind),
      code: McpServerCode.fromTypeScript(file, { packaging, mainFields: ['module', 'main'] }),
      removalPolicy,
      idleTimeout,
      release: McpRelease.direct(),
      ...props,
    });
    new CfnOutput(stack, arnOutput(kind), { value: made.runtime.agentRuntimeArn });
    return made;
  };
  const sample = (kind: ServerKind, packaging: Packaging, props: ServerProps = {}): StatefulMcpServer => {
    const table = new Table(stacks[SERVERS[kind]], `${kind}Table`, {
      partitionKey: { name: 'userAlias', type: AttributeType.STRING },
      sortKey: { name: 'expenseId', type: AttributeType.STRING },
      billingMode: BillingMode.PAY_PER_REQUEST,
      removalPolicy,
    });
    const made = server(kind, SAMPLE, packaging, { environment: { TABLE_NAME: table.tableName }, ...props });
    table.grantReadWriteData(made.role);
    return made;
  };
  const zip = Packaging.zip();

  // Its release is verified by a function of the deployment; what the program checks comes besides.
  sample('sample', zip, { release: McpRelease.verified() });
  server('probe', PROBE, zip);
  const obedient = server('obedient', OBEDIENT, zip, { forwardHeaders: ['X-Integ-Early'] });
  server('brief', OBEDIENT, zip, { maxLifetime: idleTimeout });
  other(stacks.core, obedient);

  sample('sampleImage', Packaging.image());
  server('probeImage', PROBE, Packaging.image());

  const cognito = issuer ? undefined : McpAuth.cognito({ machineClient: true, removalPolicy });
  const tokens = sample('sampleTokens', zip, {
    ...(cognito && { release: McpRelease.verified() }),
    auth: cognito ?? McpAuth.jwt(issuer as Issuer),
  });
  if (cognito) {
    clients(stacks.tokens, tokens, cognito);
  }

  server('snapshot', PROBE, zip, { platformVersion: McpPlatformVersion.V2 });
  server('members', PROBE, zip, { port: 8123, path: '/other/mcp', allowedPorts: [AllowedPort.single(8123)] });
  const bucket = new Bucket(stacks.mount, 'Bucket', { removalPolicy });
  const storage = [McpStorage.s3Bucket(bucket, { mountPath: '/mnt/bucket', prefix: 'sessions/{runtimeSessionId}' })];
  server('mount', PROBE, zip, { storage });
  return app.synth().directory;
}

/** Somebody else of the same account. */
function other(stack: Stack, server: StatefulMcpServer): void {
  const role = new Role(stack, 'Other', { assumedBy: new AccountRootPrincipal() });
  server.grants.invoke(role);
  new CfnOutput(stack, 'OtherRoleArn', { value: role.roleArn });
}

/** What callers need to know, and a client of the pool that the server does not let in. */
function clients(stack: Stack, server: StatefulMcpServer, auth: CognitoAuth): void {
  const stranger = auth.userPool.addClient('Stranger', {
    generateSecret: true,
    oAuth: { flows: { clientCredentials: true }, scopes: auth.scopes.map(scope => OAuthScope.custom(scope)) },
  });
  stranger.node.addDependency(auth.resourceServer, server);
  const outputs = {
    UserPoolId: auth.userPool.userPoolId,
    MachineClientId: auth.machineClient?.userPoolClientId ?? '',
    StrangerClientId: stranger.userPoolClientId,
    PublicClientId: auth.publicClient.userPoolClientId,
    TokenEndpoint: auth.tokenEndpoint,
    Scope: auth.scopes.join(' '),
  };
  for (const [name, value] of Object.entries(outputs)) {
    new CfnOutput(stack, `Integ${name}`, { value });
  }
}
