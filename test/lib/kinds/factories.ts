import { Vpc } from 'aws-cdk-lib/aws-ec2';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { ImageAssembler, McpAuth, McpNetwork, McpServerCode, McpStorage, Packaging } from '../../../lib';
import { greetingServer, GREETING_SERVER, unbundledStack } from '../fixtures/stacks';
import { bound, packaged, server, type Given, type ValueName } from './values';

interface Prop {
  /** What it takes. */
  readonly takes: readonly ValueName[];
  readonly required?: boolean;
}

type Props = Readonly<Record<string, Prop>>;

const TEXT: Prop = { takes: ['text', 'removal policy'] };
const TEXTS: Prop = { takes: ['list'] };
const FLAG: Prop = { takes: ['flag'] };
const TEXT_MAP: Prop = { takes: ['object'] };
const NONE: Prop = { takes: [] };
const PACKAGING: Prop = { takes: ['packaging'] };

/** Every prop of every factory, and how it is given. */
export const FACTORIES: Readonly<Record<string, readonly [Props, (props: Given) => unknown]>> = {
  StatefulMcpServer: [
    {
      code: { takes: ['code'] },
      runtimeName: TEXT,
      description: TEXT,
      idleTimeout: { takes: ['duration'] },
      maxLifetime: { takes: ['duration'] },
      environment: TEXT_MAP,
      requestStateKey: { takes: ['secret'] },
      auth: { takes: ['auth'] },
      forwardHeaders: TEXTS,
      role: NONE,
      network: NONE,
      tags: TEXT_MAP,
      port: { takes: ['number'] },
      path: TEXT,
      allowedPorts: NONE,
      platformVersion: NONE,
      minimumMemory: NONE,
      warmup: NONE,
      logging: NONE,
      release: NONE,
      alarms: NONE,
      removalPolicy: { takes: ['removal policy'] },
      urlParameterName: TEXT,
      tracingEnabled: FLAG,
      manageDeliveryResourcePolicy: FLAG,
      storage: NONE,
      capacityProvider: NONE,
    },
    props => server(unbundledStack())(props),
  ],
  'McpStorage.s3Bucket': [
    { mountPath: { ...TEXT, required: true }, prefix: TEXT },
    props => {
      const stack = unbundledStack();
      const bucket = Bucket.fromBucketName(stack, 'Bucket', 'notes');
      const storage = [McpStorage.s3Bucket(bucket, { mountPath: '/mnt/data', ...(props as object) })];
      return server(stack)({ storage });
    },
  ],
  'McpAuth.cognito': [
    {
      userPool: NONE,
      domain: NONE,
      domainPrefix: TEXT,
      removalPolicy: { takes: ['removal policy'] },
      scopes: TEXT_MAP,
      resourceServerIdentifier: TEXT,
      hosts: NONE,
      callbackUrls: TEXTS,
      callbackPort: { takes: ['number'] },
      machineClient: FLAG,
      additionalClients: NONE,
      allowedAudiences: TEXTS,
      customClaims: NONE,
      identityProviders: NONE,
      accessTokenValidity: { takes: ['duration'] },
      refreshTokenValidity: { takes: ['duration'] },
      refreshTokenRotationGracePeriod: { takes: ['duration'] },
      publishMetadata: FLAG,
    },
    props => server(unbundledStack())({ auth: McpAuth.cognito(props) }),
  ],
  'McpAuth.jwt': [
    {
      discoveryUrl: { takes: ['text', 'removal policy'], required: true },
      allowedClients: TEXTS,
      allowedAudiences: TEXTS,
      allowedScopes: TEXTS,
      customClaims: NONE,
    },
    props =>
      server(unbundledStack())({
        auth: McpAuth.jwt({ discoveryUrl: 'https://a.b/.well-known/openid-configuration', ...(props as object) }),
      }),
  ],
  'McpServerCode.fromTypeScript': [
    {
      packaging: PACKAGING,
      externalModules: TEXTS,
      mainFields: TEXTS,
      nodeModules: TEXTS,
      assets: TEXTS,
      telemetry: FLAG,
      minify: FLAG,
      loader: TEXT_MAP,
      define: TEXT_MAP,
      alias: TEXT_MAP,
      conditions: TEXTS,
      tsconfig: { takes: ['text', 'file URL', 'removal policy'] },
      esbuildArgs: NONE,
      commandHooks: NONE,
    },
    props => bound(McpServerCode.fromTypeScript(GREETING_SERVER, props)),
  ],
  'McpServerCode.fromStdio': [
    {
      projectDirectory: { takes: ['text', 'file URL', 'removal policy'] },
      program: TEXT,
      args: TEXTS,
      packaging: PACKAGING,
    },
    props => bound(McpServerCode.fromStdio('server', props)),
  ],
  'McpServerCode.fromBundle': [
    { exclude: TEXTS, packaging: PACKAGING },
    props => bound(McpServerCode.fromBundle('dist', 'main.js', props)),
  ],
  'McpServerCode.fromPython': [
    { entry: TEXT, interpreter: NONE, exclude: TEXTS, packaging: PACKAGING },
    props => bound(McpServerCode.fromPython('server', props)),
  ],
  'McpServerCode.fromPythonStdio': [
    {
      projectDirectory: { takes: ['text', 'file URL', 'removal policy'] },
      program: TEXT,
      args: TEXTS,
      interpreter: NONE,
      packaging: PACKAGING,
    },
    props => bound(McpServerCode.fromPythonStdio('server==1.0.0', props)),
  ],
  'McpServerCode.fromDockerfile': [
    { file: TEXT, target: TEXT, buildArgs: TEXT_MAP, buildSecrets: NONE },
    props => bound(McpServerCode.fromDockerfile('server', props)),
  ],
  'Packaging.image': [
    {
      baseImage: { takes: ['base image'] },
      removalPolicy: { takes: ['removal policy'] },
      encryptionKey: NONE,
      assembler: NONE,
    },
    props => packaged(Packaging.image(props)),
  ],
  'McpNetwork.vpc': [
    {
      vpc: NONE,
      vpcSubnets: NONE,
      securityGroups: NONE,
      allowAllOutbound: FLAG,
      securityGroupRemovalPolicy: { takes: ['removal policy'] },
      endpoints: FLAG,
      s3PrefixList: NONE,
      availabilityZoneIds: TEXT_MAP,
    },
    props => {
      const stack = unbundledStack();
      return greetingServer(stack, { network: McpNetwork.vpc({ vpc: new Vpc(stack, 'Vpc'), ...(props as object) }) });
    },
  ],
  ImageAssembler: [
    {
      role: NONE,
      vpc: NONE,
      securityGroups: NONE,
      encryptionKey: NONE,
      logRetention: NONE,
      logGroup: NONE,
      reservedConcurrentExecutions: { takes: ['number'] },
      deadLetterQueue: NONE,
    },
    props => new ImageAssembler(unbundledStack(), 'Assembler', props),
  ],
};
