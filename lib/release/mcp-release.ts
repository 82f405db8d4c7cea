import type { Construct } from 'constructs';
import { ReleaseChecker } from '../deployment/release-checker';
import { duration, topic } from '../private/common/cdk-kinds';
import { refuse } from '../private/common/construct-error';
import {
  enumValue,
  flag,
  instanceOf,
  listOf,
  optional,
  options as optionsOf,
  text,
  type Kind,
  type Kinds,
} from '../private/common/kinds';
import { problemWithChange } from '../private/release/check-validation';
import { DEFAULT_ENDPOINT } from '../private/server/invocation-url';
import { VerifiedRelease } from '../private/release/verified-release';
import { McpCheck } from './mcp-check';
import { McpReleaseCaller } from './mcp-release-caller';
import type { McpReleaseConfig, McpReleaseContext } from './mcp-release-config';
import { McpInconclusive, type VerifiedReleaseOptions } from './verified-release-options';

/** Those of an auth of the user's own class, too. */
export const CALLERS = listOf(
  instanceOf('McpReleaseCaller', () => McpReleaseCaller, 'make one with `McpReleaseCaller.clientCredentials(...)`', []),
  'callers',
);

const change: Kind = (value, name) => {
  const problems = text(value, name);
  return problems.length > 0 ? problems : [problemWithChange(value, name) ?? []].flat();
};

const OPTIONS: Kinds<VerifiedReleaseOptions> = {
  check: optional(
    instanceOf('McpCheck', () => McpCheck, 'make one with `McpCheck.of(...)` or `McpCheck.fromFile(...)`', []),
  ),
  allowedChanges: optional(listOf(change, 'changes')),
  onInconclusive: optional(
    enumValue('McpInconclusive', McpInconclusive, 'give `McpInconclusive.PASS` or `McpInconclusive.FAIL`'),
  ),
  callers: optional(CALLERS),
  endpointName: optional(text),
  candidate: optional(flag),
  watch: optional(duration),
  watchTopic: optional(topic),
  checker: optional(instanceOf('ReleaseChecker', () => ReleaseChecker, 'make one with `new ReleaseChecker(...)`', [])),
};

/**
 * How a new version of a server reaches its users. For a way that these do not name, extend the class.
 */
export abstract class McpRelease {
  /**
   * A version reaches the endpoint that users call, `live`, once it has held a real conversation in the cloud. One that
   * cannot fails the deployment with the server's own words, and users keep the version that they have.
   *
   * AgentCore Runtime reports READY for a server that crashes at its start. Here a function calls the new version, as
   * callers will, before the endpoint moves to it, and the endpoint afterwards.
   *
   * @param options - what to check, and as whom
   */
  public static verified(options: VerifiedReleaseOptions = {}): McpRelease {
    refuse(undefined, optionsOf(OPTIONS)(options, 'options'));
    return new CheckedRelease(options);
  }

  /**
   * Users call the endpoint `DEFAULT`, which AgentCore Runtime moves to each new version at once, one that does not start
   * included.
   */
  public static direct(): McpRelease {
    return new DirectRelease();
  }

  /**
   * Makes the release of one server. Called once for each server.
   *
   * @param scope - the server, a construct; what the release needs can be made in it
   * @param context - what the release knows of the server
   */
  public abstract bind(scope: Construct, context: McpReleaseContext): McpReleaseConfig;
}

class CheckedRelease extends McpRelease {
  public constructor(private readonly options: VerifiedReleaseOptions) {
    super();
  }

  public bind(scope: Construct, context: McpReleaseContext): McpReleaseConfig {
    // eslint-disable-next-line cdk/require-passing-this -- a release is no construct
    const release = new VerifiedRelease(scope, 'Release', { options: this.options, context });
    const { endpointName, endpoint, candidateEndpointName, alarms } = release;
    return { endpointName, endpoint, candidateEndpointName, alarms, released: release };
  }
}

class DirectRelease extends McpRelease {
  public bind(): McpReleaseConfig {
    return { endpointName: DEFAULT_ENDPOINT };
  }
}
