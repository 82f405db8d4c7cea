import { Token, type Duration } from 'aws-cdk-lib';
import { secondsOf } from '../common/cdk-kinds';
import { RUNTIME_NAME } from '../common/contract';
import { DEFAULT_ENDPOINT } from '../server/invocation-url';

/** The name of the endpoint that has the newest verified version. */
export const CANDIDATE_ENDPOINT = 'candidate';

const SHORTEST_WATCH_MINUTES = 5;
const LONGEST_WATCH_MINUTES = 1440;

/** An event of a schedule has 8192 characters, with quotes escaped: https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_Target.html */
const LONGEST_WATCHED_CHECK = 5000;

/** What is wrong with the name of the endpoint that users call. */
export function endpointNameProblems(endpointName: string, hasCandidate: boolean): string[] {
  const taken = [DEFAULT_ENDPOINT, ...(hasCandidate ? [CANDIDATE_ENDPOINT] : [])];
  return !Token.isUnresolved(endpointName) && RUNTIME_NAME.test(endpointName) && !taken.includes(endpointName)
    ? []
    : [
        `\`endpointName\` is ${JSON.stringify(endpointName)}; letters, digits and underscores are allowed, 48 at most, with a letter first, and not ${taken.join(' or ')}: choose one such as "live"`,
      ];
}

export function watchProblems(watch: Duration | undefined, hasTopic: boolean): string[] {
  if (watch === undefined) {
    return hasTopic ? ['`watchTopic` is given without `watch`: say how often to check, or leave it out'] : [];
  }
  const minutes = watch.isUnresolved() ? NaN : secondsOf(watch) / 60;
  return Number.isInteger(minutes) && minutes >= SHORTEST_WATCH_MINUTES && minutes <= LONGEST_WATCH_MINUTES
    ? []
    : [
        `\`watch\` is ${watch.isUnresolved() ? 'an unresolved token' : `${minutes} minutes`}; whole minutes from ${SHORTEST_WATCH_MINUTES} to ${LONGEST_WATCH_MINUTES} are allowed: choose one such as Duration.hours(1)`,
      ];
}

/** @param check - in JSON */
export function watchedCheckProblems(watch: Duration | undefined, check: string): string[] {
  return watch === undefined || check.length <= LONGEST_WATCHED_CHECK
    ? []
    : [
        `\`check\` has ${check.length} characters in JSON; with \`watch\`, ${LONGEST_WATCHED_CHECK} are allowed: shorten it, or leave \`watch\` out`,
      ];
}

/** @param bringsToken - of each caller */
export function callerProblems(bringsToken: readonly boolean[], hasTokens: boolean, isGiven: boolean): string[] {
  if (bringsToken.length === 0) {
    return [
      isGiven
        ? '`callers` is an empty list; one or more are allowed: give one such as `McpReleaseCaller.role()`, or leave it out'
        : '`release` is verified, and callers of the server bring a token, which the check has none of: ' +
          'give it a client for machines with `McpRelease.verified({ callers: [McpReleaseCaller.clientCredentials(...)] })`, ' +
          'set `machineClient: true` of `McpAuth.cognito(...)`, or release without a check by `McpRelease.direct()`',
    ];
  }
  const wrong = bringsToken.findIndex(brings => brings !== hasTokens);
  return wrong === -1
    ? []
    : [
        `\`callers[${wrong}]\` ${hasTokens ? 'signs, and callers of the server bring a token' : 'brings a token, and callers of the server sign'}; ${hasTokens ? '`McpReleaseCaller.clientCredentials(...)`' : '`McpReleaseCaller.role()`'} is allowed: give that`,
      ];
}
