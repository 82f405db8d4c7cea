import type { RuntimeFacts } from '../../../command/src/aws/runtime-facts';
import { configurationChecks } from '../../../command/src/diagnosis/configuration-checks';
import { nodeCheck } from '../../../command/src/diagnosis/machine-checks';

const GOOD: RuntimeFacts = {
  agentRuntimeArn: 'arn:aws:bedrock-agentcore:us-east-1:123456789012:runtime/expenses-a1b2c3d4e5',
  agentRuntimeName: 'expenses',
  agentRuntimeVersion: '1',
  status: 'READY',
  roleArn: 'arn:aws:iam::123456789012:role/server',
  networkConfiguration: { networkMode: 'PUBLIC' },
  protocolConfiguration: { serverProtocol: 'MCP' },
};
const hook = (path: string, port?: number): RuntimeFacts['hooksConfiguration'] => ({
  build: { warmup: { action: { httpPost: { path, port } } } },
});

test.each<[string, Partial<RuntimeFacts>, string, 'ok' | 'warning' | 'failed']>([
  ['protocol', {}, 'us-east-1', 'ok'],
  ['protocol', { protocolConfiguration: { serverProtocol: 'HTTP' } }, 'us-east-1', 'failed'],
  ['protocol', { protocolConfiguration: undefined }, 'us-east-1', 'failed'],
  ['network', { networkConfiguration: { networkMode: 'VPC' } }, 'us-east-1', 'failed'],
  [
    'network',
    { networkConfiguration: { networkMode: 'VPC', networkModeConfig: { subnets: ['s'], securityGroups: ['g'] } } },
    'us-east-1',
    'ok',
  ],
  ['lifecycle', { lifecycleConfiguration: { idleRuntimeSessionTimeout: 61, maxLifetime: 60 } }, 'us-east-1', 'failed'],
  ['metadata-service', { metadataConfiguration: { requireMMDSV2: false } }, 'us-east-1', 'warning'],
  ['metadata-service', { metadataConfiguration: { requireMMDSV2: true } }, 'us-east-1', 'ok'],
  ['platform-version', { platformVersion: 'V2' }, 'us-east-1', 'ok'],
  ['platform-version', { platformVersion: 'V2' }, 'eu-central-1', 'warning'],
  ['platform-version', { environmentVariables: { A: 'x'.repeat(4095) } }, 'us-east-1', 'ok'],
  ['platform-version', { environmentVariables: { A: 'x'.repeat(4096) } }, 'us-east-1', 'failed'],
  ['platform-version', { platformVersion: 'V2', environmentVariables: { A: 'x'.repeat(2560) } }, 'us-east-1', 'failed'],
  [
    'platform-version',
    {
      platformVersion: 'V2',
      environmentVariables: { A: 'x'.repeat(1536) },
      agentRuntimeArtifact: { codeConfiguration: {} },
    },
    'us-east-1',
    'failed',
  ],
  ['hook', { hooksConfiguration: hook('/warmup') }, 'us-east-1', 'failed'],
  ['hook', { platformVersion: 'V2', hooksConfiguration: hook('/warmup') }, 'us-east-1', 'ok'],
  ['hook', { platformVersion: 'V2', hooksConfiguration: hook('/mcp') }, 'us-east-1', 'failed'],
  ['hook', { platformVersion: 'V2', hooksConfiguration: hook('/mcp', 9000) }, 'us-east-1', 'ok'],
])('%s of %j in %s: %s', (id, change, region, status) => {
  const checks = configurationChecks({ ...GOOD, ...change }, region);
  const check = checks.find(candidate => candidate.id === id);
  expect(check).toMatchObject({ status });
  expect(check?.fix === undefined).toBe(status === 'ok');
});

test.each([
  ['20.18.0', 'failed'],
  ['20.18.1', 'ok'],
  ['22.0.0', 'ok'],
  ['18.20.9', 'failed'],
])('Node.js %s: %s', (version, status) => {
  expect(nodeCheck(version).status).toBe(status);
});
