import { artifactCode, type Artifact } from './artifact-code';
import { featuresOfTemplate, type FeatureProperties } from './assembly-features';
import type { AssemblyStage } from './cloud-assembly';
import { containerNotes } from '../process/container';
import { LocalRuntimeError } from '../common/errors';
import { UnsupportedArtifact, type LeftOutRuntime } from './left-out-runtime';
import { REQUEST_STATE_KEY_VARIABLE, SOURCE_METADATA_TYPE } from 'stateful-mcp-contract';
import {
  lifecycleOf,
  startLimitOf,
  type RuntimeDefinition,
  type RuntimeSource,
  type VerifiedRelease,
} from '../model/runtime-definition';
import { stackScopes, type StackScope } from './stack-scope';
import { evaluate, evaluateText, UnresolvedReference, type TemplateValue } from './template-values';
import { featuresOf, type LocalRuntimeDefinition, definitionCode } from './command-definition';
import { checkServing } from './serving-check';

export interface AssemblyRuntimes {
  readonly runtimes: readonly AssemblyRuntime[];
  /** Those that cannot run here. */
  readonly leftOut: readonly LeftOutRuntime[];
}

export interface AssemblyRuntime {
  readonly definition: RuntimeDefinition;
  /** Whether its directory is an asset of the assembly. */
  readonly isAsset: boolean;
  /** Whether the packages of a Python server have to be exchanged for those of this machine. */
  readonly needsLocalWheels: boolean;
}

/** What is given from outside for the runtimes of an assembly. */
export interface AssemblyOverrides {
  /** Variables whose template value is not looked at. */
  readonly environment: Readonly<Record<string, string>>;
  /** Definitions with the name of a runtime take the place of its artifact. */
  readonly definitions: readonly LocalRuntimeDefinition[];
}

const RUNTIME = 'AWS::BedrockAgentCore::Runtime';
const FEATURES = [
  'RequestHeaderConfiguration',
  'AuthorizerConfiguration',
  'FilesystemConfigurations',
  'PlatformVersion',
  'AllowedPorts',
  'HooksConfiguration',
  'ResourceConfigurations',
];
const CONSTRUCT_PATH = 'aws:cdk:path';
const ENDPOINT = 'AWS::BedrockAgentCore::RuntimeEndpoint';
/** What `McpRelease.verified` makes. */
const RELEASE_CHECK = 'Custom::McpReleaseCheck';

/** The runtimes with protocol MCP that a stage deploys. */
export function runtimesOf(
  stage: AssemblyStage,
  tablesEndpoint: string | undefined,
  overrides: AssemblyOverrides,
): AssemblyRuntimes {
  const scopes = stackScopes(stage);
  const endpoints = endpointsOf(scopes);
  const releases = releasesOf(scopes);
  const runtimes: AssemblyRuntime[] = [];
  const leftOut: LeftOutRuntime[] = [];
  for (const scope of scopes) {
    for (const [logicalId, { Properties: properties = {}, Metadata: metadata = {} }] of scope.resourcesOf(
      type => type === RUNTIME,
    )) {
      const name = property('AgentRuntimeName', logicalId, scope, () => scope.runtimeName(logicalId));
      const { protocol, path, port } = spokenBy(
        property('ProtocolConfiguration', name, scope, () => evaluate(properties.ProtocolConfiguration, scope)),
      );
      const arn = scope.runtimeArn(logicalId);
      const source = sourceOf(metadata[CONSTRUCT_PATH], scope);
      try {
        if (protocol !== 'MCP') {
          throw new UnsupportedArtifact(
            'protocol',
            `has the protocol ${protocol}, and of an assembly only MCP servers run here`,
          );
        }
        runtimes.push(
          runtimeOf(
            { name, arn, properties, metadata, source, path, port },
            { stage, scope, endpoints, releases, tablesEndpoint, overrides },
          ),
        );
      } catch (error) {
        if (!(error instanceof UnsupportedArtifact)) {
          throw error;
        }
        const { code, message, command } = error;
        // A definition with its name is served in its place.
        if (!overrides.definitions.some(definition => definition.name === name)) {
          leftOut.push({ name, arn, code, message, protocol, command, source });
        }
      }
    }
  }
  return { runtimes, leftOut };
}

interface Context {
  readonly stage: AssemblyStage;
  readonly scope: StackScope;
  readonly endpoints: ReadonlyMap<string, readonly string[]>;
  readonly releases: ReadonlyMap<string, VerifiedRelease>;
  readonly tablesEndpoint: string | undefined;
  readonly overrides: AssemblyOverrides;
}

interface Resource {
  readonly name: string;
  readonly arn: string;
  readonly properties: Readonly<Record<string, TemplateValue>>;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly source: RuntimeSource | undefined;
  readonly path: string | undefined;
  readonly port: number | undefined;
}

/** A text in templates; the service model has a structure, with a path and a port since October 2026. */
function spokenBy(configuration: unknown): Pick<Resource, 'path' | 'port'> & { readonly protocol: string } {
  const { ServerProtocol, Path, Port } = (
    typeof configuration === 'object' ? configuration : { ServerProtocol: configuration }
  ) as { ServerProtocol?: string; Path?: string; Port?: number | string };
  return { protocol: ServerProtocol ?? 'HTTP', path: Path, port: toNumber(Port) };
}

function runtimeOf(
  { name, arn, properties, metadata, source, path, port }: Resource,
  context: Context,
): AssemblyRuntime {
  const { stage, scope, overrides } = context;
  const override = overrides.definitions.find(definition => definition.name === name);
  const server = override
    ? definitionCode(override)
    : artifactCode(name, { artifact: () => artifactOf(name, properties, scope), metadata, stage });
  const lifecycle = property('LifecycleConfiguration', name, scope, () =>
    evaluate(properties.LifecycleConfiguration, scope),
  ) as { IdleRuntimeSessionTimeout?: number | string; MaxLifetime?: number | string } | undefined;
  const { known, notes } = featureProperties(properties, scope);
  const ofTemplate = { ...featuresOfTemplate(known), path, port };
  const features = override ? featuresOf(override, ofTemplate) : ofTemplate;
  checkServing(name, features, known.ResourceConfigurations?.length);
  const { tablesEndpoint } = context;
  const definition = {
    name,
    stackName: scope.stack.name,
    arn: override?.arn ?? arn,
    command: server.command,
    image: server.image,
    cwd: server.cwd,
    environment: {
      ...server.environment,
      ...environmentOf(name, properties.EnvironmentVariables, scope, {
        ...override?.environment,
        ...overrides.environment,
      }),
    },
    region: scope.stack.region,
    ...lifecycleOf(
      override?.idleTimeoutSeconds ?? toNumber(lifecycle?.IdleRuntimeSessionTimeout),
      override?.maxLifetimeSeconds ?? toNumber(lifecycle?.MaxLifetime),
    ),
    startLimitMs: override?.startLimitMs ?? startLimitOf(server.startLimitMs, features),
    endpoints: context.endpoints.get(arn) ?? [],
    release: context.releases.get(arn),
    tablesEndpoint,
    notes: [
      ...server.notes,
      ...notes,
      ...(server.image === undefined ? [] : containerNotes({ features, tablesEndpoint })),
    ],
    features,
    source: override ? undefined : source,
  };
  return { definition, isAsset: override === undefined, needsLocalWheels: server.needsLocalWheels === true };
}

function sourceOf(constructPath: unknown, { stack }: StackScope): RuntimeSource | undefined {
  const entries = stack.metadata[`/${String(constructPath)}`] ?? [];
  return entries.find(({ type }) => type === SOURCE_METADATA_TYPE)?.data as RuntimeSource | undefined;
}

/**
 * An authorizer often names a user pool that the same stack makes. Without it the runtime runs all the same; nobody can
 * check its tokens here.
 */
function featureProperties(
  properties: Resource['properties'],
  scope: StackScope,
): { known: FeatureProperties; notes: readonly string[] } {
  const notes: string[] = [];
  const known = FEATURES.map(key => {
    try {
      return [key, evaluate(properties[key], scope)];
    } catch (error) {
      if (!(error instanceof UnresolvedReference)) {
        throw error;
      }
      notes.push(`its \`${key}\` is left out: it is ${error.reference}, which exists only on AWS`);
      return [key, undefined];
    }
  });
  return { known: Object.fromEntries(known) as FeatureProperties, notes };
}

/** The URI of an image may be known only on AWS, and nothing is done with it here. */
function artifactOf(
  name: string,
  { AgentRuntimeArtifact: artifact }: Resource['properties'],
  scope: StackScope,
): Artifact {
  if (typeof artifact === 'object' && artifact !== null && 'ContainerConfiguration' in artifact) {
    return {};
  }
  return (property('AgentRuntimeArtifact', name, scope, () => evaluate(artifact, scope)) as Artifact | undefined) ?? {};
}

function environmentOf(
  runtimeName: string,
  variables: TemplateValue,
  scope: StackScope,
  overrides: Readonly<Record<string, string>>,
): Record<string, string> {
  const environment: Record<string, string> = {};
  for (const [variable, value] of Object.entries((variables ?? {}) as Record<string, TemplateValue>)) {
    if (variable in overrides) {
      continue;
    }
    try {
      environment[variable] = evaluateText(value, scope);
    } catch (error) {
      if (!(error instanceof UnresolvedReference)) {
        throw error;
      }
      if (variable === REQUEST_STATE_KEY_VARIABLE) {
        continue;
      }
      throw new LocalRuntimeError(
        'ERR_UNRESOLVED_REFERENCE',
        `runtime \`${runtimeName}\`: its environment variable \`${variable}\` is ${error.reference}, which exists only on AWS; ` +
          `give the value to use here: \`environment: { ${variable}: '...' }\``,
      );
    }
  }
  return { ...environment, ...overrides };
}

function endpointsOf(scopes: readonly StackScope[]): ReadonlyMap<string, readonly string[]> {
  const arns = new Map(
    scopes.flatMap(scope =>
      scope
        .resourcesOf(type => type === RUNTIME)
        .map(([logicalId]) => {
          const arn = property('AgentRuntimeName', logicalId, scope, () => scope.runtimeArn(logicalId));
          return [arn.slice(arn.indexOf('/') + 1), arn] as const;
        }),
    ),
  );
  const endpoints = new Map<string, string[]>();
  for (const scope of scopes) {
    for (const [, { Properties: properties = {} }] of scope.resourcesOf(type => type === ENDPOINT)) {
      const id = known(() => evaluateText(properties.AgentRuntimeId, scope));
      const name = known(() => evaluateText(properties.Name, scope));
      const arn = id === undefined ? undefined : arns.get(id);
      if (arn !== undefined && name !== undefined) {
        endpoints.set(arn, [...(endpoints.get(arn) ?? []), name]);
      }
    }
  }
  return endpoints;
}

/** By the ARN of the runtime: what is checked before its endpoint moves. */
function releasesOf(scopes: readonly StackScope[]): ReadonlyMap<string, VerifiedRelease> {
  const releases = new Map<string, VerifiedRelease>();
  for (const scope of scopes) {
    for (const [, { Properties: properties = {} }] of scope.resourcesOf(type => type === RELEASE_CHECK)) {
      const [arn, stage, endpointName, check] = ['runtimeArn', 'stage', 'endpointName', 'check'].map(name =>
        known(() => evaluateText(properties[name], scope)),
      );
      if (arn !== undefined && stage === 'candidate' && endpointName !== undefined && check !== undefined) {
        releases.set(arn, { endpointName, check });
      }
    }
  }
  return releases;
}

/** An endpoint may belong to a runtime that another app has made. */
function known(read: () => string): string | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof UnresolvedReference) {
      return undefined;
    }
    throw error;
  }
}

function property<Value>(name: string, owner: string, scope: StackScope, read: () => Value): Value {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof UnresolvedReference)) {
      throw error;
    }
    throw new LocalRuntimeError(
      'ERR_UNRESOLVED_REFERENCE',
      `\`${owner}\` of stack ${scope.stack.name}: its \`${name}\` is ${error.reference}, which exists only on AWS; use a value that is known at synthesis`,
    );
  }
}

function toNumber(value: number | string | undefined): number | undefined {
  return value === undefined ? undefined : Number(value);
}
