import type { Duration } from 'aws-cdk-lib';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { ReleaseChecker } from '../deployment/release-checker';
import type { McpCheck } from './mcp-check';
import type { McpReleaseCaller } from './mcp-release-caller';

/**
 * What a check counts as that could not judge the server: the platform throttled, a control plane or an authorization
 * server was down.
 */
export enum McpInconclusive {
  /**
   * The version is released.
   */
  PASS = 'pass',

  /**
   * The deployment fails, and users keep the version that they have.
   */
  FAIL = 'fail',
}

/**
 * How a version is verified.
 */
export interface VerifiedReleaseOptions {
  /**
   * What is checked beyond what every release is.
   *
   * @default - every release is checked for this: the server starts and negotiates, lists what it has, keeps its sessions
   * apart, keeps its promises to clients of the version that is live, and refuses callers without a valid token
   */
  readonly check?: McpCheck;

  /**
   * Changes against the version that is live which break clients and are intended, by name: `tool:NAME`, `prompt:NAME`
   * or `resource:URI`. Those of `check` are allowed as well.
   *
   * @default - none
   */
  readonly allowedChanges?: string[];

  /**
   * What a check counts as that could not judge the server.
   *
   * @default McpInconclusive.FAIL
   */
  readonly onInconclusive?: McpInconclusive;

  /**
   * Who the check calls as, one after the other; the first one holds the conversations. One at least, and all bring a
   * token, or none, as `auth` of the server has it.
   *
   * @default - the role of the function that checks where callers sign; the client for machines of `McpAuth.cognito()`
   * where they bring a token
   */
  readonly callers?: McpReleaseCaller[];

  /**
   * The name of the endpoint that users call. Letters, digits and underscores, 48 at most, with a letter first, and not
   * `DEFAULT`.
   *
   * @default live
   */
  readonly endpointName?: string;

  /**
   * Whether people decide when users get a version. The endpoint `candidate` then has the newest verified version, and the
   * endpoint that users call stays where it is until somebody moves it (`stateful-mcp promote`).
   *
   * @default false
   */
  readonly candidate?: boolean;

  /**
   * How often the check is repeated on the endpoint that users call, for metrics and an alarm. Whole minutes, 5 minutes
   * to 1 day.
   *
   * Each check has sessions, which cost, and calls the tools of its conversations.
   *
   * @default - it is not repeated
   */
  readonly watch?: Duration;

  /**
   * Where the alarm of `watch` is told, and that it is over.
   *
   * @default - nowhere: it shows in CloudWatch
   */
  readonly watchTopic?: ITopic;

  /**
   * The function that checks.
   *
   * @default - the one of the stack, which all servers there share
   */
  readonly checker?: ReleaseChecker;
}
