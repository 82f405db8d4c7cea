import { assembleImage } from './assembly/assemble';
import { AssemblyLog } from './common/assembly-log';
import { respond, type CustomResourceEvent, type CustomResourceOutcome } from '../common/cloudformation-response';
import { isEcr } from './registry/ecr';
import { environmentFor } from './assembly/environment';
import { asImageAssemblyError, ImageAssemblyError, type ImageAssemblyErrorCode } from './common/failures';
import { FRESH_PERMISSION_PAUSES_MS, withFreshPermissions } from '../common/fresh-permissions';
import { HttpTransport } from '../common/http-transport';
import { parseProperties, type ImageAssemblyRequest } from './common/properties';
import { RETRY_POLICY } from '../common/retry';

/**
 * The only platform of AgentCore Runtime:
 * https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/runtime-get-started-code-deploy.html
 */
const PLATFORM = { os: 'linux', architecture: 'arm64' };

/** What is kept of the function's time to tell CloudFormation that the rest was not enough. */
const TIME_TO_RESPOND_MS = 30_000;

/**
 * The custom resource `ImageAssembly`: creating and updating it assemble an image, deleting it keeps what there is.
 *
 * An image that was deployed once may still be pulled, by an earlier version of the runtime or after a rollback. So
 * only the repository's lifecycle rules and its removal policy take images away.
 */
export async function handler(
  event: CustomResourceEvent,
  context: { getRemainingTimeInMillis(): number },
): Promise<void> {
  const transport = new HttpTransport();
  try {
    const outcome = await outcomeOf(event, transport, context.getRemainingTimeInMillis() - TIME_TO_RESPOND_MS);
    await respond(event, outcome, transport, RETRY_POLICY, AbortSignal.timeout(context.getRemainingTimeInMillis()));
  } finally {
    transport.close();
  }
}

async function outcomeOf(
  event: CustomResourceEvent,
  transport: HttpTransport,
  timeLimitMs: number,
): Promise<CustomResourceOutcome> {
  const PhysicalResourceId = event.PhysicalResourceId ?? event.LogicalResourceId;
  if (event.RequestType === 'Delete') {
    return { Status: 'SUCCESS', PhysicalResourceId };
  }
  const log = new AssemblyLog();
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(outOfTime(log.currentStep)), timeLimitMs);
  try {
    const request = parseProperties(event.ResourceProperties, PLATFORM);
    const Data = await withFreshPermissions(denialsOf(request), FRESH_PERMISSION_PAUSES_MS, deadline.signal, () =>
      assembleImage(request, environmentFor(request, transport, log), deadline.signal),
    );
    return { Status: 'SUCCESS', PhysicalResourceId, Data };
  } catch (error) {
    console.error(error);
    const { code, message } = asImageAssemblyError(error);
    return { Status: 'FAILED', PhysicalResourceId, Reason: `${code}: ${message}` };
  } finally {
    clearTimeout(timer);
  }
}

/** Other registries than Amazon ECR know nothing of the function's permissions. */
function denialsOf({ baseImage }: ImageAssemblyRequest): ImageAssemblyErrorCode[] {
  return [
    'ERR_APPLICATION_DENIED',
    'ERR_REPOSITORY_DENIED',
    ...(isEcr(baseImage.registry) ? ['ERR_BASE_DENIED' as const] : []),
  ];
}

function outOfTime(step: string): ImageAssemblyError {
  return new ImageAssemblyError(
    'ERR_OUT_OF_TIME',
    `the time limit of the function came while ${step}: deploy again, layers that the repository has are not ` +
      'copied again',
  );
}
