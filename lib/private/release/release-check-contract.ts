/**
 * What the custom resource that checks a release is given, and what it answers: the contract between the construct and
 * `lambda/release-check`.
 *
 * CloudFormation delivers every scalar as a string and drops empty maps and lists.
 */
export interface ReleaseCheckProperties {
  /** The runtime. */
  readonly runtimeArn: string;
  /** The version to check, which the endpoint DEFAULT serves as soon as it is ready. */
  readonly version: string;
  /**
   * `candidate`: before the endpoint moves, through DEFAULT. `promoted`: afterwards, through the endpoint itself; it
   * fails while the endpoint can still be moved back.
   */
  readonly stage: 'candidate' | 'promoted';
  /** Name of the endpoint that users call. It need not exist yet. */
  readonly endpointName: string;
  /** Whether the endpoint stays where it is, since people move it: `true`, or left out. */
  readonly keepsEndpoint?: 'true';
  /** A `CheckDefinition` in JSON. */
  readonly check: string;
  /** What a verdict that is inconclusive counts as. */
  readonly onInconclusive: 'pass' | 'fail';
  /** Who the check calls as, one after the other. The first one holds the conversations. */
  readonly callers: readonly ReleaseCaller[];
  /** Name of the parameter of AWS Systems Manager that holds the record of what was verified. */
  readonly recordName: string;
  /** Log groups of the runtime whose last lines explain a failure; those that are missing are passed over. */
  readonly logGroupNames?: readonly string[];
}

/** A caller: by the role of the function, or with a token for machines. */
export type ReleaseCaller =
  | { readonly kind: 'iam' }
  | {
      readonly kind: 'client-credentials';
      /** The discovery document of the authorizer. */
      readonly discoveryUrl: string;
      readonly clientId: string;
      /** A secret of AWS Secrets Manager with the client secret as its text, or under `secretField` of its JSON. */
      readonly secretArn?: string;
      readonly secretField?: string;
      /** A user pool of Amazon Cognito that tells the secret of its client. One of the two is given. */
      readonly userPoolId?: string;
      readonly scopes?: readonly string[];
      readonly audience?: string;
    };

/** The attributes of the custom resource. */
export interface ReleaseCheckData {
  /** The version that the endpoint has to serve: the one that was checked, or the one that it keeps. */
  readonly endpointVersion: string;
  /** The newest verified version. */
  readonly verifiedVersion: string;
  readonly verdict: 'pass' | 'inconclusive' | 'already-verified';
  /** Where the whole transcript is: log group and log stream of the function. */
  readonly transcript: string;
}

/** What the parameter of the record holds, in JSON. */
export interface ReleaseRecord {
  readonly version: string;
  /** SHA-256 of what makes the version: artifact, environment, protocol, authorizer. No value can be read from it. */
  readonly fingerprint: string;
  /** SHA-256 of the check. */
  readonly checkHash: string;
  readonly verdict: 'pass' | 'inconclusive';
  /** ISO 8601. */
  readonly checkedAt: string;
  /** Image digest or S3 key of the program. */
  readonly artifact: string;
  /** The version of this making that was checked through the endpoint that users call, too, the last one. */
  readonly promotedVersion?: string;
  /** What was verified before, the newest first, so that a rollback finds it. */
  readonly earlier?: readonly Omit<ReleaseRecord, 'earlier'>[];
}

/** The event of a watch, by a schedule. */
export interface ReleaseWatchEvent {
  readonly watch: Omit<ReleaseCheckProperties, 'stage' | 'version'>;
}

/** Metrics of a watch, for alarms. Dimensions are `Runtime` (its id) and `Endpoint` (its name). */
export const RELEASE_METRICS = {
  namespace: 'StatefulMcp/Release',
  /** 1 for each check that was passed, else 0. */
  passed: 'CheckPassed',
  /** 1 for each check that failed, else 0. */
  failed: 'CheckFailed',
  /** 1 for each check that could not judge the server, else 0. */
  inconclusive: 'CheckInconclusive',
  /** The cold start: from the first request of a new session to its response, in milliseconds. */
  firstCall: 'FirstCallLatency',
  /** The fastest of three `tools/list` in a session that is up, in milliseconds. */
  warmCall: 'WarmCallLatency',
} as const;
