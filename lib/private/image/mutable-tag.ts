import { Annotations } from 'aws-cdk-lib';
import type { Construct } from 'constructs';

/** The tag that is moved by whoever pushes without naming one. Of others it is not known whether they ever move. */
const MOVING_TAG = 'latest';

/** A deployment compares the text of the template alone: it does not see that a tag leads to another image. */
export function warnOfMutableTag(scope: Construct, prop: string, tagOrDigest: string | undefined): void {
  if (tagOrDigest === MOVING_TAG) {
    Annotations.of(scope).addWarningV2(
      'cdk-stateful-mcp:mutableTag',
      `\`${prop}\` names the tag "${MOVING_TAG}", which moves: a deployment does not see when it does, and new sessions may get another image than those before: ` +
        'name a tag that stays, or the digest ("sha256:" and 64 hexadecimal digits)',
    );
  }
}
