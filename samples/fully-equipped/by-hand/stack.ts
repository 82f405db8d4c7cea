import path from 'node:path';
import {
  type AssetOptions,
  AssetHashType,
  CfnOutput,
  CustomResource,
  DockerImage,
  Duration,
  Fn,
  RemovalPolicy,
  Stack,
} from 'aws-cdk-lib';
import {
  AgentCoreRuntime,
  AgentRuntimeArtifact,
  LogType,
  LoggingDestination,
  ProtocolType,
  Runtime,
  RuntimeAuthorizerConfiguration,
  RuntimeEndpoint,
  type CfnRuntime,
} from 'aws-cdk-lib/aws-bedrockagentcore';
import {
  Alarm,
  ComparisonOperator,
  Dashboard,
  GraphWidget,
  Metric,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import {
  AccountRecovery,
  CfnManagedLoginBranding,
  FeaturePlan,
  ManagedLoginVersion,
  Mfa,
  OAuthScope,
  ResourceServerScope,
  UserPool,
  type UserPoolClient,
} from 'aws-cdk-lib/aws-cognito';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Code, Function, Runtime as LambdaRuntime } from 'aws-cdk-lib/aws-lambda';
import { Provider } from 'aws-cdk-lib/custom-resources';
import { Table } from 'aws-cdk-lib/aws-dynamodb';
import { CfnResourcePolicy, LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { CfnTransactionSearchConfig } from 'aws-cdk-lib/aws-xray';
import { Construct } from 'constructs';
import { buildSync } from 'esbuild';

const ROOT = path.join(__dirname, '../../..');

/** What `../stack.ts` makes, with the constructs of the AWS CDK alone. */
export class ByHandStack extends Stack {
  public constructor(scope: Construct, id: string) {
    super(scope, id);
    new ByHandTransactionSearch(this, 'TransactionSearch');
    new ByHandServer(this, 'Server', {
      entry: path.join(__dirname, '../../expense-tracker/server.ts'),
      runtimeName: 'expenses_by_hand',
    });
  }
}

export interface ByHandServerProps {
  readonly entry: string;
  readonly runtimeName: string;
}

export class ByHandServer extends Construct {
  public constructor(scope: Construct, id: string, props: ByHandServerProps) {
    super(scope, id);
    const { people, machines, scopes, userPool, domainUrl } = this.identity(props.runtimeName);
    const table = Table.fromTableName(this, 'Expenses', 'expenses');
    const runtime = new Runtime(this, 'Runtime', {
      runtimeName: props.runtimeName,
      protocolConfiguration: ProtocolType.MCP,
      agentRuntimeArtifact: codeOf(props.entry),
      authorizerConfiguration: RuntimeAuthorizerConfiguration.usingCognito(
        userPool,
        [people, machines],
        undefined,
        scopes,
      ),
      lifecycleConfiguration: { idleRuntimeSessionTimeout: Duration.minutes(15), maxLifetime: Duration.hours(8) },
      environmentVariables: { TABLE_NAME: table.tableName },
      tracingEnabled: true,
      loggingConfigs: [LogType.APPLICATION_LOGS, LogType.USAGE_LOGS].map(logType => ({
        logType,
        destination: LoggingDestination.cloudWatchLogs(this.logGroup(props.runtimeName, logType)),
      })),
    });
    table.grantReadWriteData(runtime);
    this.release(runtime, userPool, {
      clientId: machines.userPoolClientId,
      tokenEndpoint: `${domainUrl}/oauth2/token`,
      scope: scopes.join(' '),
    });
    this.alarms(runtime, props.runtimeName);
    this.outputs(runtime, people, scopes, domainUrl);
  }

  private identity(runtimeName: string) {
    const userPool = new UserPool(this, 'UserPool', {
      selfSignUpEnabled: false,
      signInAliases: { email: true },
      signInCaseSensitive: false,
      featurePlan: FeaturePlan.ESSENTIALS,
      mfa: Mfa.REQUIRED,
      mfaSecondFactor: { otp: true, sms: false },
      passwordPolicy: {
        minLength: 12,
        requireDigits: true,
        requireLowercase: true,
        requireSymbols: true,
        requireUppercase: true,
      },
      accountRecovery: AccountRecovery.EMAIL_ONLY,
      deletionProtection: true,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    const domain = userPool.addDomain('Domain', {
      cognitoDomain: { domainPrefix: `${runtimeName.replaceAll('_', '-')}-${Stack.of(this).account}` },
      managedLoginVersion: ManagedLoginVersion.NEWER_MANAGED_LOGIN,
    });
    const invoke = new ResourceServerScope({ scopeName: 'invoke', scopeDescription: 'Use the tools' });
    const resourceServer = userPool.addResourceServer('ResourceServer', { identifier: runtimeName, scopes: [invoke] });
    const scope = OAuthScope.resourceServer(resourceServer, invoke);
    const people = userPool.addClient('People', {
      generateSecret: false,
      authFlows: { user: true },
      oAuth: {
        flows: { authorizationCodeGrant: true },
        scopes: [OAuthScope.OPENID, scope],
        callbackUrls: [
          'http://localhost:3118/callback',
          'https://claude.ai/api/mcp/auth_callback',
          'http://127.0.0.1:33418',
          'https://vscode.dev/redirect',
          'cursor://anysphere.cursor-mcp/oauth/callback',
        ],
      },
      preventUserExistenceErrors: true,
      refreshTokenRotationGracePeriod: Duration.minutes(1),
    });
    new CfnManagedLoginBranding(this, 'Branding', {
      userPoolId: userPool.userPoolId,
      clientId: people.userPoolClientId,
      useCognitoProvidedValues: true,
    });
    const machines = userPool.addClient('Machines', {
      generateSecret: true,
      oAuth: { flows: { clientCredentials: true }, scopes: [scope] },
    });
    // Tokens of Cognito carry the client and the scope, and no audience.
    return {
      userPool,
      domainUrl: domain.baseUrl(),
      people,
      machines,
      scopes: [`${runtimeName}/invoke`],
    };
  }

  private logGroup(runtimeName: string, { value }: LogType): LogGroup {
    return new LogGroup(this, `${value}Group`, {
      logGroupName: `/aws/vendedlogs/bedrock-agentcore/runtime/${value}/${runtimeName}`,
      retention: RetentionDays.ONE_MONTH,
    });
  }

  /** Users call `live`, which moves to a version once `check.ts` has called that through DEFAULT. */
  private release(runtime: Runtime, userPool: UserPool, caller: Record<string, string>): void {
    const check = new Function(this, 'Check', {
      code: Code.fromAsset(ROOT, bundledFrom(path.join(__dirname, 'check.ts'), ['@aws-sdk/*'])),
      handler: 'index.handler',
      runtime: LambdaRuntime.NODEJS_22_X,
      timeout: Duration.minutes(15),
      memorySize: 512,
    });
    check.addToRolePolicy(
      new PolicyStatement({
        actions: ['bedrock-agentcore:GetAgentRuntimeEndpoint'],
        resources: [runtime.agentRuntimeArn, `${runtime.agentRuntimeArn}/runtime-endpoint/DEFAULT`],
      }),
    );
    userPool.grant(check, 'cognito-idp:DescribeUserPoolClient');
    const checked = new CustomResource(this, 'Checked', {
      serviceToken: new Provider(this, 'CheckProvider', { onEventHandler: check }).serviceToken,
      properties: {
        ...caller,
        runtimeId: runtime.agentRuntimeId,
        version: (runtime.node.defaultChild as CfnRuntime).attrAgentRuntimeVersion,
        url: this.urlOf(runtime, 'DEFAULT'),
        userPoolId: userPool.userPoolId,
      },
    });
    // One that is left out is version 1 for ever.
    new RuntimeEndpoint(this, 'Endpoint', {
      endpointName: 'live',
      agentRuntimeId: runtime.agentRuntimeId,
      agentRuntimeVersion: checked.getAttString('version'),
    });
  }

  private urlOf({ agentRuntimeArn }: Runtime, endpointName: string): string {
    const { region, urlSuffix } = Stack.of(this);
    const arn = Fn.join('%2F', Fn.split('/', Fn.join('%3A', Fn.split(':', agentRuntimeArn))));
    return `https://bedrock-agentcore.${region}.${urlSuffix}/runtimes/${arn}/invocations?qualifier=${endpointName}`;
  }

  private alarms(runtime: Runtime, runtimeName: string): void {
    const dimensionsMap = { Resource: runtime.agentRuntimeArn, Name: `${runtimeName}::live` };
    const metric = (metricName: string, statistic: string, dimensions: Record<string, string>, period: Duration) =>
      new Metric({ namespace: 'AWS/Bedrock-AgentCore', metricName, statistic, period, dimensionsMap: dimensions });
    const ofCalls = { ...dimensionsMap, Operation: 'InvokeAgentRuntime' };
    const ofUse = { ...dimensionsMap, Service: 'AgentCore.Runtime' };
    const fiveMinutes = Duration.minutes(5);
    const metrics = {
      invocations: metric('Invocations', 'Sum', ofCalls, fiveMinutes),
      userErrors: metric('UserErrors', 'Sum', ofCalls, fiveMinutes),
      systemErrors: metric('SystemErrors', 'Sum', ofCalls, fiveMinutes),
      throttles: metric('Throttles', 'Sum', ofCalls, fiveMinutes),
      latency50: metric('Latency', 'p50', ofCalls, fiveMinutes),
      latency99: metric('Latency', 'p99', ofCalls, fiveMinutes),
      sessions: metric('SessionCount', 'Sum', ofCalls, fiveMinutes),
      activeSessions: metric('ActiveSessionCount', 'Maximum', { Service: 'AgentCore.Runtime' }, fiveMinutes),
      cpuHours: metric('CPUUsed-vCPUHours', 'Sum', ofUse, Duration.hours(1)),
      memoryHours: metric('MemoryUsed-GBHours', 'Sum', ofUse, Duration.hours(1)),
    };
    const topic = new Topic(this, 'Alerts', { enforceSSL: true });
    const alarmed: [string, Metric, number][] = [
      ['SystemErrors', metrics.systemErrors, 1],
      ['Throttles', metrics.throttles, 1],
      ['ActiveSessions', metrics.activeSessions, 500],
      ['CpuHours', metrics.cpuHours, 10],
    ];
    for (const [name, watched, threshold] of alarmed) {
      const alarm = new Alarm(this, `${name}Alarm`, {
        metric: watched,
        threshold,
        evaluationPeriods: 1,
        comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
        treatMissingData: TreatMissingData.NOT_BREACHING,
        alarmDescription: `${runtimeName}: ${name}`,
      });
      alarm.addAlarmAction(new SnsAction(topic));
      alarm.addOkAction(new SnsAction(topic));
    }
    const dashboard = new Dashboard(this, 'Dashboard', { defaultInterval: Duration.hours(24) });
    dashboard.addWidgets(
      new GraphWidget({ title: 'Calls', left: [metrics.invocations] }),
      new GraphWidget({ title: 'Failed', left: [metrics.systemErrors, metrics.userErrors, metrics.throttles] }),
      new GraphWidget({ title: 'Latency', left: [metrics.latency50, metrics.latency99] }),
    );
    dashboard.addWidgets(
      new GraphWidget({ title: 'Sessions', left: [metrics.sessions, metrics.activeSessions] }),
      new GraphWidget({ title: 'Use', left: [metrics.cpuHours, metrics.memoryHours] }),
    );
  }

  private outputs(runtime: Runtime, people: UserPoolClient, scopes: string[], domainUrl: string): void {
    new CfnOutput(this, 'Url', { value: this.urlOf(runtime, 'live') });
    new CfnOutput(this, 'ClientId', { value: people.userPoolClientId });
    new CfnOutput(this, 'Scopes', { value: scopes.join(' ') });
    new CfnOutput(this, 'TokenEndpoint', { value: `${domainUrl}/oauth2/token` });
  }
}

/** A setting of the account: this fails where another stack has made it. */
export class ByHandTransactionSearch extends Construct {
  public constructor(scope: Construct, id: string) {
    super(scope, id);
    const { partition, region, account } = Stack.of(this);
    const access = new CfnResourcePolicy(this, 'Access', {
      policyName: 'TransactionSearchAccess',
      policyDocument: Stack.of(this).toJsonString({
        Version: '2012-10-17',
        Statement: [
          {
            Sid: 'TransactionSearchXRayAccess',
            Effect: 'Allow',
            Principal: { Service: 'xray.amazonaws.com' },
            Action: 'logs:PutLogEvents',
            Resource: [
              `arn:${partition}:logs:${region}:${account}:log-group:aws/spans:*`,
              `arn:${partition}:logs:${region}:${account}:log-group:/aws/application-signals/data:*`,
            ],
            Condition: {
              ArnLike: { 'aws:SourceArn': `arn:${partition}:xray:${region}:${account}:*` },
              StringEquals: { 'aws:SourceAccount': account },
            },
          },
        ],
      }),
    });
    const setting = new CfnTransactionSearchConfig(this, 'Setting', { indexingPercentage: 1 });
    setting.node.addDependency(access);
  }
}

/** A zip file, bundled here: an image would need Docker with arm64 emulation on the deploying machine. */
function codeOf(entry: string): AgentRuntimeArtifact {
  return AgentRuntimeArtifact.fromCodeAsset({
    path: ROOT,
    runtime: AgentCoreRuntime.NODE_22,
    entrypoint: ['index.js'],
    ...bundledFrom(entry),
  });
}

function bundledFrom(entry: string, external: string[] = []): AssetOptions {
  return {
    assetHashType: AssetHashType.OUTPUT,
    bundling: {
      image: DockerImage.fromRegistry('unused'),
      local: {
        tryBundle(folder) {
          buildSync({
            entryPoints: [entry],
            outfile: path.join(folder, 'index.js'),
            absWorkingDir: ROOT,
            external,
            bundle: true,
            minify: true,
            platform: 'node',
            target: 'node22',
            format: 'cjs',
            sourcemap: 'external',
            write: true,
          });
          return true;
        },
      },
      // Two programs with the same options would share one bundle within a process.
      environment: { ENTRY: entry },
    },
  };
}
