import {
  DEFAULT_IDLE_TIMEOUT_SECONDS,
  DEFAULT_MAX_LIFETIME_SECONDS,
  DEFAULT_MCP_PATH,
  DEFAULT_MCP_PORT,
  ENVIRONMENT_BYTES,
  HEALTH_PATH,
  HOOK_PATH,
  V2_REGIONS,
} from 'stateful-mcp-contract';
import type { RuntimeFacts } from '../aws/runtime-facts';
import { failed, ok, warning, type Check, type Subject } from './check';

const PROTOCOL: Subject = { id: 'protocol', expected: 'MCP' };
const NETWORK: Subject = { id: 'network', expected: 'PUBLIC, or VPC with subnets and security groups' };
const LIFECYCLE: Subject = { id: 'lifecycle', expected: 'an idle timeout that is at most the maximum lifetime' };
const METADATA: Subject = { id: 'metadata-service', expected: 'version 2 of the metadata service alone' };
const PLATFORM: Subject = {
  id: 'platform-version',
  expected: 'V1, or V2 where it is offered, with a small environment',
};
const HOOK: Subject = { id: 'hook', expected: 'none, or a warm-up hook on V2 microVMs at a path of its own' };

/** What the configuration of a runtime says by itself. */
export function configurationChecks(runtime: RuntimeFacts, region: string): Check[] {
  return [
    protocolCheck(runtime),
    networkCheck(runtime),
    lifecycleCheck(runtime),
    metadataCheck(runtime),
    platformCheck(runtime, region),
    hookCheck(runtime),
  ];
}

function protocolCheck({ protocolConfiguration: { serverProtocol = 'HTTP', port, path } = {} }: RuntimeFacts): Check {
  const found = [serverProtocol, port && `port ${port}`, path].filter(Boolean).join(', ');
  return serverProtocol === 'MCP'
    ? ok(PROTOCOL, found)
    : failed(
        PROTOCOL,
        found,
        'set `protocolConfiguration.serverProtocol` to MCP: other protocols have no tools to call',
      );
}

function networkCheck({ networkConfiguration }: RuntimeFacts): Check {
  const { networkMode = 'PUBLIC', networkModeConfig } = networkConfiguration ?? {};
  const { subnets = [], securityGroups = [] } = networkModeConfig ?? {};
  if (networkMode !== 'VPC') {
    return ok(NETWORK, networkMode);
  }
  const found = `VPC, ${subnets.length} subnets, ${securityGroups.length} security groups`;
  return subnets.length > 0 && securityGroups.length > 0
    ? ok(NETWORK, found)
    : failed(NETWORK, found, 'give subnets with a way to what the server needs, and a security group');
}

function lifecycleCheck({ lifecycleConfiguration: given = {} }: RuntimeFacts): Check {
  const {
    idleRuntimeSessionTimeout: idle = DEFAULT_IDLE_TIMEOUT_SECONDS,
    maxLifetime: most = DEFAULT_MAX_LIFETIME_SECONDS,
  } = given;
  const found = `idle ${idle} s, at most ${most} s`;
  return idle <= most
    ? ok(LIFECYCLE, found)
    : failed(LIFECYCLE, found, 'make the idle timeout shorter, or the lifetime longer');
}

function metadataCheck({ metadataConfiguration }: RuntimeFacts): Check {
  switch (metadataConfiguration?.requireMMDSV2) {
    case true:
      return ok(METADATA, 'version 2 is required');
    case false:
      return warning(METADATA, 'version 1 is allowed', 'deploy it again: new runtimes require version 2');
    case undefined:
      return ok(METADATA, 'AgentCore does not say');
  }
}

function platformCheck(runtime: RuntimeFacts, region: string): Check {
  const { platformVersion: version = 'V1', environmentVariables = {}, agentRuntimeArtifact } = runtime;
  const bytes = Object.entries(environmentVariables).reduce(
    (sum, [name, value]) => sum + Buffer.byteLength(name) + Buffer.byteLength(value),
    0,
  );
  const kind = agentRuntimeArtifact?.codeConfiguration ? 'V2_CODE' : 'V2_CONTAINER';
  const allowed = ENVIRONMENT_BYTES[version === 'V2' ? kind : 'V1'];
  const found = `${version} in ${region}, ${bytes} bytes of environment`;
  if (bytes > allowed) {
    return failed(
      PLATFORM,
      found,
      `${allowed} bytes are allowed: move large values to SSM or S3, and pass their names`,
    );
  }
  return version === 'V2' && !V2_REGIONS.includes(region)
    ? warning(PLATFORM, found, `in September 2026, V2 was offered in ${V2_REGIONS.join(', ')}: look it up`)
    : ok(PLATFORM, found);
}

/** Devguide, "runtime lifecycle hooks". */
function hookCheck(runtime: RuntimeFacts): Check {
  const { hooksConfiguration, platformVersion, capacityProviderConfiguration, protocolConfiguration = {} } = runtime;
  const hook = hooksConfiguration?.build?.warmup?.action?.httpPost;
  if (hook === undefined) {
    return ok(HOOK, 'none');
  }
  const { path = '/', port } = hook;
  const found = `POST ${path}${port === undefined ? '' : ` at port ${port}`}`;
  if (platformVersion !== 'V2' || capacityProviderConfiguration !== undefined) {
    return failed(
      HOOK,
      `${found}, on ${platformVersion ?? 'V1'}`,
      'hooks are for microVMs of V2: change that, or leave it out',
    );
  }
  const serverPort = protocolConfiguration.port ?? DEFAULT_MCP_PORT;
  const taken = [protocolConfiguration.path ?? DEFAULT_MCP_PATH, HEALTH_PATH];
  if (!HOOK_PATH.test(path) || ((port ?? serverPort) === serverPort && taken.includes(path))) {
    return failed(HOOK, found, `give it a path of its own, neither ${taken.join(' nor ')}`);
  }
  return ok(HOOK, found);
}
