import type { Construct } from 'constructs';
import type { ProgramBundle } from './private/program-bundle';
import type { RuntimeCode } from './private/runtime-code';
import { zipCode } from './private/zip-code';

/**
 * The form in which a bundled server reaches AgentCore Runtime.
 */
export abstract class Packaging {
  /**
   * Direct code deployment: a zip file in Amazon S3, run by the Node.js that AgentCore Runtime provides and patches.
   *
   * Limits of the service: 250 MB compressed, 750 MB unpacked, and 30 seconds until the server listens.
   *
   * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/runtime-get-started-code-deploy.html
   */
  public static zip(): Packaging {
    return new ZipPackaging();
  }

  /** @internal */
  public abstract _package(scope: Construct, bundle: ProgramBundle): RuntimeCode;
}

class ZipPackaging extends Packaging {
  public _package(scope: Construct, bundle: ProgramBundle): RuntimeCode {
    return zipCode(scope, bundle);
  }
}
