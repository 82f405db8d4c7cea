import { createHash } from 'node:crypto';
import { problemWithCheck, type CheckDefinition } from 'stateful-mcp-contract';
import type {
  ReleaseCaller,
  ReleaseCheckProperties,
  ReleaseWatchEvent,
} from '../../../lib/private/release/release-check-contract';
import { GivenProperties } from '../../common/given-properties';
import { canonicalJson } from './canonical-json';
import { ReleaseCheckError } from './failures';

/** What a check and a watch have in common: their properties, checked. */
export interface CheckRequest {
  readonly runtimeArn: string;
  readonly runtimeId: string;
  readonly endpointName: string;
  readonly definition: CheckDefinition;
  /** SHA-256 of the check, however it is written. */
  readonly checkHash: string;
  readonly callers: readonly ReleaseCaller[];
  readonly recordName: string;
  readonly logGroupNames: readonly string[];
}

/** What to check before or after a version is released. */
export interface ReleaseRequest extends CheckRequest {
  readonly stage: 'candidate' | 'promoted';
  readonly version: string;
  readonly keepsEndpoint: boolean;
  /** What an update leaves behind. */
  readonly before?: LeftRelease;
  readonly onInconclusive: 'pass' | 'fail';
}

/** The version that was released before, the endpoint, and the check that it was released by. */
export interface LeftRelease {
  readonly version: string;
  readonly endpointName: string;
  readonly checkHash: string;
}

type Given = GivenProperties<ReleaseCheckProperties>;

/** Checks what CloudFormation delivered against the contract. */
export function parseRelease(
  properties: Readonly<Record<string, unknown>>,
  before?: Readonly<Record<string, unknown>>,
): ReleaseRequest {
  const given: Given = new GivenProperties(properties, invalid);
  return {
    ...parseCheck(given),
    before: before && leftRelease(before),
    stage: given.choice('stage', ['candidate', 'promoted']),
    version: given.text('version', /^[1-9]\d{0,4}$/, 'the number of a version'),
    keepsEndpoint: given.has('keepsEndpoint') && given.choice('keepsEndpoint', ['true']) === 'true',
    onInconclusive: given.choice('onInconclusive', ['pass', 'fail']),
  };
}

/** Checks what a schedule delivered against the contract. */
export function parseWatch({ watch }: ReleaseWatchEvent): CheckRequest {
  return parseCheck(new GivenProperties<ReleaseCheckProperties>({ ...watch }, invalid));
}

function parseCheck(given: Given): CheckRequest {
  const runtimeArn = given.text(
    'runtimeArn',
    /^arn:[a-z-]+:bedrock-agentcore:[a-z0-9-]+:\d{12}:runtime\/[A-Za-z][\w]*-\w+$/,
    'the ARN of a runtime',
  );
  const definition = parseDefinition(given);
  return {
    runtimeArn,
    runtimeId: runtimeArn.replace(/^.*\//, ''),
    endpointName: given.text('endpointName', /^[A-Za-z]\w{0,47}$/, 'the name of an endpoint'),
    definition,
    checkHash: hashOf(definition),
    callers: given.members<ClientCredentials>('callers').map(parseCaller),
    recordName: given.text('recordName'),
    logGroupNames: given.optionalList('logGroupNames'),
  };
}

/** `undefined` where an earlier release of this package gave something else. */
function leftRelease(before: Readonly<Record<string, unknown>>): LeftRelease | undefined {
  const { version, endpointName, check } = before;
  try {
    return {
      version: String(version),
      endpointName: String(endpointName),
      checkHash: hashOf(JSON.parse(String(check))),
    };
  } catch {
    return undefined;
  }
}

function hashOf(definition: unknown): string {
  return createHash('sha256').update(canonicalJson(definition)).digest('hex');
}

function parseDefinition(given: Given): CheckDefinition {
  const text = given.text('check');
  let definition: unknown;
  try {
    definition = JSON.parse(text);
  } catch {
    throw given.invalid('check', text.slice(0, 100), 'a check in JSON');
  }
  const problem = problemWithCheck(definition);
  if (problem !== undefined) {
    throw invalid(`\`check\` is no check: ${problem}`);
  }
  return definition as CheckDefinition;
}

type ClientCredentials = Extract<ReleaseCaller, { kind: 'client-credentials' }>;

function parseCaller(given: GivenProperties<ClientCredentials>): ReleaseCaller {
  if (given.choice<ReleaseCaller['kind']>('kind', ['iam', 'client-credentials']) === 'iam') {
    return { kind: 'iam' };
  }
  if (given.has('secretArn') === given.has('userPoolId')) {
    throw given.invalid('secretArn', given.has('secretArn') ? 'given' : undefined, 'one of it and `userPoolId`');
  }
  return {
    kind: 'client-credentials',
    discoveryUrl: given.text('discoveryUrl', /^https?:\/\/\S+$/, 'the URL of a discovery document'),
    clientId: given.text('clientId'),
    secretArn: given.optionalText('secretArn'),
    secretField: given.optionalText('secretField'),
    userPoolId: given.optionalText('userPoolId'),
    scopes: given.optionalList('scopes'),
    audience: given.optionalText('audience'),
  };
}

function invalid(message: string): ReleaseCheckError {
  return new ReleaseCheckError('ERR_PROPERTIES_INVALID', message);
}
