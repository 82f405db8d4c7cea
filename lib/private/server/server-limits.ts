import { programEnvironment } from '../program/program-environment';
import { Token, type Duration } from 'aws-cdk-lib';
import { secondsOf, unconvertedProblems } from '../common/cdk-kinds';
import { LONGEST_MICROVM_SECONDS, RUNTIME_NAME, SHORTEST_LIFECYCLE_SECONDS } from '../common/contract';
import { bytesOf } from '../common/variable-bytes';
import type { SessionLifecycle } from './session-lifecycle';

/**
 * https://docs.aws.amazon.com/bedrock-agentcore-control/latest/APIReference/API_CreateAgentRuntime.html,
 * and CloudFormation where it allows less: a description of 4096 characters, a variable of 5000.
 */
const MAX_NAME_LENGTH = 48;
const MAX_DESCRIPTION_LENGTH = 1200;
const MAX_VARIABLES = 50;
const MAX_KEY_LENGTH = 100;
const MAX_VALUE_LENGTH = 2048;

/** The same operation, `tags`. */
const MAX_TAGS = 50;
const TAG_KEY = /^[a-zA-Z0-9\s._:/=+@-]{1,128}$/;
const TAG_VALUE = /^[a-zA-Z0-9\s._:/=+@-]{0,256}$/;

/** https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/runtime-how-it-works.html */
const MAX_ENVIRONMENT_BYTES = 4096;

/** What CloudFormation does not resolve in a runtime: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references-ssm-secure-strings.html */
const SECURE_PARAMETER = '{{resolve:ssm-secure:';

export interface LimitedProps extends SessionLifecycle {
  readonly runtimeName?: string;
  readonly description?: string;
  readonly environment?: Record<string, string>;
  readonly tags?: Record<string, string>;
}

/**
 * What the service would refuse in these props, in words for their author. Unresolved tokens are left to the
 * deployment.
 */
export function limitProblems(props: LimitedProps): string[] {
  const { runtimeName, description, idleTimeout, maxLifetime, environment = {}, tags = {} } = props;
  const unconverted = Object.entries({ idleTimeout, maxLifetime }).flatMap(([prop, duration]) =>
    unconvertedProblems(prop, duration),
  );
  return [
    ...nameProblems(runtimeName),
    ...descriptionProblems(description),
    ...(unconverted.length > 0 ? unconverted : lifecycleProblems(seconds(idleTimeout), seconds(maxLifetime))),
    ...environmentProblems(environment),
    ...tagProblems(tags),
  ];
}

export function nameProblems(name: string | undefined): string[] {
  if (name === undefined || Token.isUnresolved(name) || RUNTIME_NAME.test(name)) {
    return [];
  }
  const suggestion = name
    .replace(/[^a-zA-Z0-9]+/g, '_')
    .replace(/^[^a-zA-Z]+/, '')
    .slice(0, MAX_NAME_LENGTH);
  const advice =
    suggestion === ''
      ? 'leave it out to have one generated'
      : `try ${quote(suggestion)}, or leave it out to have one generated`;
  return [
    `\`runtimeName\` is ${quote(name)}; letters, digits and underscores are allowed, ${MAX_NAME_LENGTH} at most, with a letter first: ${advice}`,
  ];
}

export function descriptionProblems(description: string | undefined): string[] {
  if (
    description === undefined ||
    Token.isUnresolved(description) ||
    within(description.length, 1, MAX_DESCRIPTION_LENGTH)
  ) {
    return [];
  }
  const advice = description === '' ? 'leave it out instead' : 'shorten it';
  return [
    `\`description\` has ${description.length} characters; 1 to ${MAX_DESCRIPTION_LENGTH} are allowed: ${advice}`,
  ];
}

/** A lifetime that is left out is the longest one, and an idle timeout is none that is longer. */
export function lifecycleProblems(idle: number | undefined, life: number | undefined): string[] {
  const problems = [...secondsProblems('idleTimeout', idle), ...secondsProblems('maxLifetime', life)];
  if (problems.length > 0 || idle === undefined || life === undefined || idle <= life) {
    return problems;
  }
  return [
    `\`idleTimeout\` is ${idle} seconds and \`maxLifetime\` is ${life} seconds; ` +
      'a session cannot idle longer than it lives: lower `idleTimeout` or raise `maxLifetime`',
  ];
}

function secondsProblems(prop: string, value: number | undefined): string[] {
  if (
    value === undefined ||
    (Number.isInteger(value) && within(value, SHORTEST_LIFECYCLE_SECONDS, LONGEST_MICROVM_SECONDS))
  ) {
    return [];
  }
  const advice =
    value < SHORTEST_LIFECYCLE_SECONDS
      ? 'use Duration.minutes(1) or more'
      : value > LONGEST_MICROVM_SECONDS
        ? 'use Duration.hours(8) or less'
        : 'round it';
  return [
    `\`${prop}\` is ${value} seconds; whole seconds from ${SHORTEST_LIFECYCLE_SECONDS} to ${LONGEST_MICROVM_SECONDS} (1 minute to 8 hours) are allowed: ${advice}`,
  ];
}

/** @param subject - what has set the variables */
export function environmentProblems(environment: Record<string, string>, subject = 'environment'): string[] {
  return [
    ...Object.entries(environment).flatMap(([name, value]) => variableProblems(name, value, subject)),
    ...environmentSizeProblems(environment),
  ];
}

export function variableProblems(name: string, value: string, subject = 'environment'): string[] {
  return [...variableNameProblems(name, subject), ...valueProblems(name, value, subject)];
}

/**
 * @param added - what the construct adds for the program and the server kit
 * @param keyBytes - the least that a key of request state takes, where the deployment alone knows it
 */
export function environmentSizeProblems(
  environment: Record<string, string>,
  added: Record<string, string> = {},
  keyBytes = 0,
): string[] {
  const entries = Object.entries(programEnvironment(added, environment));
  const together =
    Object.keys(added).length === 0 ? '' : ` together with the ${Object.keys(added).length} that the construct adds`;
  const problems: string[] = [];
  if (entries.length > MAX_VARIABLES) {
    problems.push(
      `\`environment\` has ${entries.length} variables${together}; ${MAX_VARIABLES} are allowed: put settings together, for example in an SSM parameter`,
    );
  }
  const bytes = entries.reduce((sum, [name, value]) => sum + bytesOf(name, value, keyBytes), 0);
  if (bytes > MAX_ENVIRONMENT_BYTES) {
    problems.push(
      `\`environment\` holds ${bytes} bytes of names and values${together}; ${MAX_ENVIRONMENT_BYTES} are allowed: ` +
        'move large values to an SSM parameter or an S3 object and pass its name',
    );
  }
  return problems;
}

function variableNameProblems(name: string, subject: string): string[] {
  if (Token.isUnresolved(name) || (/^[a-zA-Z_][a-zA-Z0-9_]*$/.test(name) && name.length <= MAX_KEY_LENGTH)) {
    return [];
  }
  return [
    `\`${subject}\` has a variable named ${quote(name)}; letters, digits and underscores are allowed, ${MAX_KEY_LENGTH} at most, ` +
      'with a letter or an underscore first: rename it',
  ];
}

function valueProblems(name: string, value: string, subject: string): string[] {
  if (value.includes(SECURE_PARAMETER)) {
    return [
      `\`${subject}\` gives ${quote(name)} a SecureString of SSM, which CloudFormation does not resolve in a runtime; a secret of AWS Secrets Manager is allowed: ` +
        'move the value there, or pass the name of the parameter and read it in the server',
    ];
  }
  if (Token.isUnresolved(value) || value.length <= MAX_VALUE_LENGTH) {
    return [];
  }
  return [
    `\`${subject}\` gives ${quote(name)} ${value.length} characters; ${MAX_VALUE_LENGTH} are allowed: ` +
      'move the value to an SSM parameter or an S3 object and pass its name',
  ];
}

export function tagProblems(tags: Record<string, string>): string[] {
  const entries = Object.entries(tags);
  return [
    ...(entries.length > MAX_TAGS
      ? [`\`tags\` has ${entries.length} tags; ${MAX_TAGS} are allowed: leave some out`]
      : []),
    ...entries.flatMap(([key, value]) =>
      isTag(TAG_KEY, key) && isTag(TAG_VALUE, value)
        ? []
        : [
            `\`tags\` has ${quote(key)} with a value of ${value.length} characters; keys of 1 to 128 characters and values of 256 at most are allowed, of letters, digits, blanks and ._:/=+@-: change it`,
          ],
    ),
  ];
}

function isTag(pattern: RegExp, text: string): boolean {
  return Token.isUnresolved(text) || pattern.test(text);
}

function seconds(duration: Duration | undefined): number | undefined {
  return duration === undefined || duration.isUnresolved() ? undefined : secondsOf(duration);
}

function within(value: number, min: number, max: number): boolean {
  return value >= min && value <= max;
}

function quote(text: string): string {
  return JSON.stringify(text);
}
