// `doctor` with a deployed runtime: the control plane and the data plane of the local runtime, and doubles of the others.
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import {
  BedrockAgentCoreControlClient,
  CreateAgentRuntimeCommand,
  GetAgentRuntimeCommand,
} from '@aws-sdk/client-bedrock-agentcore-control';
import { LocalRuntime } from 'stateful-mcp-local';
import type { DoctorDocument } from '../../../../command/src/common/json-documents';
import { closeProviders, startProvider } from '../../../client/auth/provider';
import { KEYS } from '../../../client/deployed';
import { removeTemporaryFolders, temporaryFolder } from '../../assembly';
import { closeDoubles, Refusal, startDouble, type Answers } from '../../aws-double';
import { endCommands, run } from '../../run-command';

const IMAGE = `123456789012.dkr.ecr.us-east-1.amazonaws.com/expenses@sha256:${'a'.repeat(64)}`;
const SERVER = require.resolve('../../../client/fixtures/deployed-server.mjs');
const TRUST = JSON.stringify({ Statement: [{ Principal: { Service: 'bedrock-agentcore.amazonaws.com' } }] });

const runtimes: LocalRuntime[] = [];

afterEach(endCommands);
afterEach(closeDoubles);
afterEach(closeProviders);
afterEach(async () => {
  await Promise.all(runtimes.splice(0).map(runtime => runtime.close()));
});
afterAll(removeTemporaryFolders);

interface Deployed {
  readonly runtime: LocalRuntime;
  readonly arn: string;
  readonly env: Record<string, string>;
}

/** A runtime as a deployment makes it, by the control plane. */
async function deploy(discoveryUrl?: string): Promise<Deployed> {
  const runtime = new LocalRuntime({
    credentials: [KEYS],
    artifacts: { [IMAGE]: { directory: __dirname, command: [process.execPath, SERVER] } },
  });
  runtimes.push(runtime);
  const { url: endpoint } = await runtime.listen();
  const control = new BedrockAgentCoreControlClient({ endpoint, region: 'us-east-1', credentials: KEYS });
  const { agentRuntimeArn: arn = '', agentRuntimeId } = await control.send(
    new CreateAgentRuntimeCommand({
      agentRuntimeName: 'expenses',
      agentRuntimeArtifact: { containerConfiguration: { containerUri: IMAGE } },
      roleArn: 'arn:aws:iam::123456789012:role/server',
      networkConfiguration: { networkMode: 'PUBLIC' },
      protocolConfiguration: { serverProtocol: 'MCP' },
      ...(discoveryUrl && {
        authorizerConfiguration: { customJWTAuthorizer: { discoveryUrl, allowedClients: ['desk'] } },
      }),
    }),
  );
  while ((await control.send(new GetAgentRuntimeCommand({ agentRuntimeId }))).status !== 'READY') {
    await new Promise(resolve => setTimeout(resolve, 20));
  }
  control.destroy();
  return {
    runtime,
    arn,
    env: {
      AWS_ACCESS_KEY_ID: KEYS.accessKeyId,
      AWS_SECRET_ACCESS_KEY: KEYS.secretAccessKey,
      AWS_EC2_METADATA_DISABLED: 'true',
      AWS_ENDPOINT_URL_BEDROCK_AGENTCORE: endpoint,
      AWS_ENDPOINT_URL_BEDROCK_AGENTCORE_CONTROL: endpoint,
    },
  };
}

const well: Answers = {
  images: () => ({ imageDetails: [{ registryId: '123456789012', repositoryName: 'expenses' }] }),
  trust: () => TRUST,
  logGroups: () => ({ logGroups: [] }),
  tracing: () => ({ Destination: 'CloudWatchLogs', Status: 'ACTIVE' }),
};

async function examine(
  { arn, env }: Deployed,
  answers: Answers,
  ...more: string[]
): Promise<{
  code: number | null;
  healthy: boolean;
  statuses: Record<string, string>;
  checks: DoctorDocument['checks'];
}> {
  const { code, stdout } = await run(['doctor', '--arn', arn, '--json', ...more], {
    env: { ...env, ...(await startDouble(answers)) },
  });
  const { healthy, checks } = JSON.parse(stdout) as DoctorDocument;
  return { code, healthy, checks, statuses: Object.fromEntries(checks.map(({ id, status }) => [id, status])) };
}

test('finds a good deployment good, and starts no session', async () => {
  const deployed = await deploy();
  const { code, healthy, statuses, checks } = await examine(deployed, well);
  expect(statuses).toEqual({
    node: 'ok',
    credentials: 'ok',
    region: 'ok',
    runtime: 'ok',
    endpoint: 'ok',
    protocol: 'ok',
    network: 'ok',
    lifecycle: 'ok',
    'metadata-service': 'ok',
    'platform-version': 'ok',
    hook: 'ok',
    image: 'ok',
    role: 'ok',
    'inbound-auth': 'ok',
    // Made with the first request.
    'log-group': 'warning',
    'transaction-search': 'ok',
  });
  expect({ code, healthy }).toEqual({ code: 0, healthy: true });
  expect(deployed.runtime.sessions()).toEqual([]);
  expect(JSON.stringify(checks)).not.toContain(KEYS.secretAccessKey);
  expect(JSON.stringify(checks)).not.toContain(KEYS.accessKeyId);
});

test('says what is gone and how to fix it, and skips what may not be read', async () => {
  const deployed = await deploy();
  const { code, checks } = await examine(deployed, {
    images: () => {
      throw new Refusal('ImageNotFoundException');
    },
    trust: () => {
      throw new Refusal('NoSuchEntity');
    },
    tracing: () => ({ Destination: 'XRay', Status: 'ACTIVE' }),
  });
  expect(code).toBe(1);
  const found = (id: string): DoctorDocument['checks'][number] | undefined => checks.find(check => check.id === id);
  expect(found('image')).toEqual({
    id: 'image',
    status: 'failed',
    found: `the image is gone: ${IMAGE}`,
    expected: 'an image that can still be pulled',
    fix: expect.stringContaining('deploy again') as string,
  });
  expect(found('role')).toMatchObject({ status: 'failed', found: expect.stringContaining('is gone') as string });
  expect(found('transaction-search')).toMatchObject({ status: 'warning' });
  expect(found('log-group')).toMatchObject({
    status: 'skipped',
    fix: expect.stringContaining('`logs:DescribeLogGroups`') as string,
  });
});

test('looks at the way to a token without having one', async () => {
  const provider = await startProvider();
  const deployed = await deploy(`${provider.issuer}/.well-known/openid-configuration`);
  const { statuses } = await examine(deployed, well);
  expect(statuses).toMatchObject({
    'inbound-auth': 'ok',
    discovery: 'ok',
    'resource-metadata': 'ok',
    challenge: 'ok',
  });
  expect(deployed.runtime.sessions()).toEqual([]);
});

test('without an endpoint, a runtime or credentials it says so, in words too', async () => {
  const deployed = await deploy();
  const live = await examine(deployed, well, '--qualifier', 'live');
  expect(live).toMatchObject({ code: 1, statuses: { runtime: 'ok', endpoint: 'failed' } });
  const gone = await examine({ ...deployed, arn: deployed.arn.replace(/[^-]+$/, 'abcdefghij') }, well);
  expect(gone).toMatchObject({ code: 1, statuses: { runtime: 'failed', endpoint: 'skipped' } });

  const { code, stdout } = await run(['doctor', '--arn', deployed.arn], {
    env: { AWS_EC2_METADATA_DISABLED: 'true', ...(await startDouble({})) },
  });
  expect(code).toBe(1);
  expect(stdout).toMatch(/^✗ credentials .*\n {21}expected: AWS credentials .*\n {21}fix: run `aws sso login`/m);
  expect(stdout).toMatch(/^- runtime +not looked at, without credentials$/m);
});

test('takes the profile that is named where it looks at this machine alone, too', async () => {
  const file = path.join(temporaryFolder(), 'credentials');
  writeFileSync(file, '[desk]\naws_access_key_id = AKIDDESK\naws_secret_access_key = secret\n');
  const env = { AWS_SHARED_CREDENTIALS_FILE: file, AWS_REGION: 'eu-central-1', AWS_EC2_METADATA_DISABLED: 'true' };
  const { code, stdout } = await run(['doctor', '--profile', 'desk'], { env });
  expect(code).toBe(0);
  expect(stdout).toContain('key …DESK by profile desk');
});
