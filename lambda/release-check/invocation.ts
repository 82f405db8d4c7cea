import type { LogPlace } from './common/release-log';

/** What AWS Lambda tells of an invocation. */
export interface Invocation extends LogPlace {
  readonly awsRequestId: string;
  readonly invokedFunctionArn: string;
  getRemainingTimeInMillis(): number;
}
