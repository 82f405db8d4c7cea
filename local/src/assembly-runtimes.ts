import { existsSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import type { AssemblyStage } from './cloud-assembly';
import { LocalRuntimeError } from './errors';
import type { LocalRuntimeDefinition } from './options';
import { initializationTimeExceeded } from './platform-errors';
import { lifecycleOf, ZIP_START_LIMIT_SECONDS, type RuntimeDefinition } from './runtime-definition';
import { stackScopes, type StackScope } from './stack-scope';
import { evaluate, evaluateText, UnresolvedReference, type TemplateValue } from './template-values';

export interface AssemblyRuntimes {
  readonly runtimes: readonly RuntimeDefinition[];
  /** What was left out, for the log. */
  readonly notes: readonly string[];
}

/** What is given from outside for the runtimes of an assembly. */
export interface AssemblyOverrides {
  /** Variables whose template value is not looked at. */
  readonly environment: Readonly<Record<string, string>>;
  /** Definitions with the name of a runtime take the place of its artifact. */
  readonly definitions: readonly LocalRuntimeDefinition[];
}

const RUNTIME = 'AWS::BedrockAgentCore::Runtime';
const ENDPOINT = 'AWS::BedrockAgentCore::RuntimeEndpoint';
// A wrapper that the zip's own libraries bring; it sends traces to AWS.
const TRACING_WRAPPER = 'opentelemetry-instrument';

/** The runtimes with protocol MCP that a stage deploys. */
export function runtimesOf(stage: AssemblyStage, tablesEndpoint: string | undefined, overrides: AssemblyOverrides): AssemblyRuntimes {
  const scopes = stackScopes(stage);
  const endpoints = endpointsOf(scopes);
  const runtimes: RuntimeDefinition[] = [];
  const notes: string[] = [];
  for (const scope of scopes) {
    for (const [logicalId, { Properties: properties = {} }] of scope.resourcesOf(type => type === RUNTIME)) {
      const name = property('AgentRuntimeName', logicalId, scope, () => scope.runtimeName(logicalId));
      const protocol = property('ProtocolConfiguration', name, scope, () => evaluate(properties.ProtocolConfiguration, scope)) ?? 'HTTP';
      if (protocol === 'MCP') {
        runtimes.push(runtimeOf(name, scope.runtimeArn(logicalId), properties, { stage, scope, endpoints, tablesEndpoint, overrides }));
      } else {
        notes.push(`runtime \`${name}\` of stack ${scope.stack.name} has the protocol ${JSON.stringify(protocol)} and is left out: only MCP runs here`);
      }
    }
  }
  return { runtimes, notes };
}

interface Context {
  readonly stage: AssemblyStage;
  readonly scope: StackScope;
  readonly endpoints: ReadonlyMap<string, readonly string[]>;
  readonly tablesEndpoint: string | undefined;
  readonly overrides: AssemblyOverrides;
}

function runtimeOf(name: string, arn: string, properties: Readonly<Record<string, TemplateValue>>, context: Context): RuntimeDefinition {
  const { stage, scope, overrides } = context;
  const override = overrides.definitions.find(definition => definition.name === name);
  const server = override ? codeOfDefinition(override) : codeOf(name, properties, stage, scope);
  const lifecycle = property('LifecycleConfiguration', name, scope, () => evaluate(properties.LifecycleConfiguration, scope)) as
    { IdleRuntimeSessionTimeout?: number | string; MaxLifetime?: number | string } | undefined;
  return {
    name,
    stackName: scope.stack.name,
    arn: override?.arn ?? arn,
    command: server.command,
    cwd: server.cwd,
    environment: {
      ...server.environment,
      ...environmentOf(name, properties.EnvironmentVariables, scope, { ...override?.environment, ...overrides.environment }),
    },
    region: scope.stack.region,
    ...lifecycleOf(
      override?.idleTimeoutSeconds ?? toNumber(lifecycle?.IdleRuntimeSessionTimeout),
      override?.maxLifetimeSeconds ?? toNumber(lifecycle?.MaxLifetime),
    ),
    startLimitSeconds: override?.startLimitSeconds ?? ZIP_START_LIMIT_SECONDS,
    endpoints: context.endpoints.get(arn) ?? [],
    tablesEndpoint: context.tablesEndpoint,
    notes: server.notes,
  };
}

interface Code {
  readonly command: readonly [string, ...string[]];
  readonly cwd: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly notes: readonly string[];
}

function codeOfDefinition({ command, cwd = '.' }: LocalRuntimeDefinition): Code {
  return { command, cwd: path.resolve(cwd), environment: {}, notes: [] };
}

function codeOf(name: string, properties: Readonly<Record<string, TemplateValue>>, stage: AssemblyStage, scope: StackScope): Code {
  const artifact = property('AgentRuntimeArtifact', name, scope, () => evaluate(properties.AgentRuntimeArtifact, scope)) as
    { CodeConfiguration?: { Runtime?: string; EntryPoint?: string[]; Code?: { S3?: { Prefix?: string } } } } | undefined;
  const code = artifact?.CodeConfiguration;
  if (!code) throw unsupported(name, 'is a container image');
  const folder = assetFolder(name, code.Code?.S3?.Prefix ?? '', stage);
  const entryPoint = code.EntryPoint ?? [];
  const wrapped = entryPoint[0] === TRACING_WRAPPER;
  const [entry = ''] = wrapped ? entryPoint.slice(1) : entryPoint;
  if (entry === '' || !existsSync(path.join(folder, entry))) throw entryNotFound(name, entry, folder);
  const notes = wrapped ? [`runs without \`${TRACING_WRAPPER}\`, which has nowhere to send traces here`] : [];
  const language = code.Runtime ?? '';
  if (language.startsWith('NODE_')) {
    return { command: [process.execPath, entry], cwd: folder, environment: {}, notes: [...notes, ...nodeVersionNote(language)] };
  }
  if (language.startsWith('PYTHON_')) {
    // Lines reach the log as they are written, and nothing is written into the asset, whose content is what gets deployed.
    return { command: ['python3', entry], cwd: folder, environment: { PYTHONUNBUFFERED: '1', PYTHONDONTWRITEBYTECODE: '1' }, notes };
  }
  throw unsupported(name, `has the language runtime ${language}, for which no interpreter is known here`);
}

function assetFolder(name: string, objectKey: string, stage: AssemblyStage): string {
  const asset = stage.fileAssets.find(candidate => candidate.objectKey === objectKey);
  if (!asset) throw unsupported(name, `has its code in the S3 object ${objectKey}, which is not an asset of the assembly`);
  if (!existsSync(asset.path)) {
    throw new LocalRuntimeError('ERR_ASSEMBLY_INVALID', `runtime \`${name}\`: its asset ${asset.path} does not exist; synthesize the \`assembly\` again`);
  }
  if (asset.packaging !== 'zip' || !statSync(asset.path).isDirectory()) throw unsupported(name, `has the zip file ${asset.path} as its asset; only a folder runs here`);
  return asset.path;
}

function environmentOf(runtimeName: string, variables: TemplateValue, scope: StackScope, overrides: Readonly<Record<string, string>>): Record<string, string> {
  const environment: Record<string, string> = {};
  for (const [variable, value] of Object.entries((variables ?? {}) as Record<string, TemplateValue>)) {
    if (variable in overrides) continue;
    try {
      environment[variable] = evaluateText(value, scope);
    } catch (error) {
      if (!(error instanceof UnresolvedReference)) throw error;
      throw new LocalRuntimeError('ERR_UNRESOLVED_REFERENCE',
        `runtime \`${runtimeName}\`: its environment variable \`${variable}\` is ${error.reference}, which exists only on AWS; `
        + `give the value to use here: \`environment: { ${variable}: '...' }\``);
    }
  }
  return { ...environment, ...overrides };
}

function endpointsOf(scopes: readonly StackScope[]): ReadonlyMap<string, readonly string[]> {
  const arns = new Map(scopes.flatMap(scope => scope.resourcesOf(type => type === RUNTIME).map(([logicalId]) => {
    const arn = property('AgentRuntimeName', logicalId, scope, () => scope.runtimeArn(logicalId));
    return [arn.slice(arn.indexOf('/') + 1), arn] as const;
  })));
  const endpoints = new Map<string, string[]>();
  for (const scope of scopes) {
    for (const [, { Properties: properties = {} }] of scope.resourcesOf(type => type === ENDPOINT)) {
      const id = known(() => evaluateText(properties.AgentRuntimeId, scope));
      const name = known(() => evaluateText(properties.Name, scope));
      const arn = id === undefined ? undefined : arns.get(id);
      if (arn !== undefined && name !== undefined) endpoints.set(arn, [...endpoints.get(arn) ?? [], name]);
    }
  }
  return endpoints;
}

// An endpoint may belong to a runtime that another app has made.
function known(read: () => string): string | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof UnresolvedReference) return undefined;
    throw error;
  }
}

function property<Value>(name: string, owner: string, scope: StackScope, read: () => Value): Value {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof UnresolvedReference)) throw error;
    throw new LocalRuntimeError('ERR_UNRESOLVED_REFERENCE',
      `\`${owner}\` of stack ${scope.stack.name}: its \`${name}\` is ${error.reference}, which exists only on AWS; use a value that is known at synthesis`);
  }
}

function nodeVersionNote(language: string): string[] {
  const [major] = process.versions.node.split('.');
  return language === `NODE_${major}` ? [] : [`AgentCore runs it with Node.js ${language.slice('NODE_'.length)}, here it runs with ${process.version}`];
}

function toNumber(value: number | string | undefined): number | undefined {
  return value === undefined ? undefined : Number(value);
}

function unsupported(name: string, problem: string): LocalRuntimeError {
  return new LocalRuntimeError('ERR_UNSUPPORTED_ARTIFACT',
    `runtime \`${name}\` ${problem}; say how to start it here: \`runtimes: [{ name: '${name}', command: [...] }]\``);
}

function entryNotFound(name: string, entry: string, folder: string): LocalRuntimeError {
  const content = readdirSync(folder).sort().slice(0, 20).join(', ') || 'nothing';
  return new LocalRuntimeError('ERR_ENTRY_NOT_FOUND',
    `runtime \`${name}\`: its \`EntryPoint\` ${JSON.stringify(entry)} is not in its asset ${folder}, which holds ${content}\n`
    + `on AgentCore its caller would get: ${initializationTimeExceeded(ZIP_START_LIMIT_SECONDS)}`);
}
