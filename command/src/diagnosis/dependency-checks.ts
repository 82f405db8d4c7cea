import type { Deployment } from '../aws/deployment';
import type { RuntimeFacts } from '../aws/runtime-facts';
import { logGroupOf } from '../logs/log-group';
import { asking, failed, ok, skipped, warning, type Check, type Subject } from './check';

const IMAGE: Subject = { id: 'image', expected: 'an image that can still be pulled' };
const ROLE: Subject = { id: 'role', expected: 'a role that bedrock-agentcore.amazonaws.com may assume' };
const LOG_GROUP: Subject = { id: 'log-group', expected: 'the log group of the endpoint' };
const TRACING: Subject = { id: 'transaction-search', expected: 'trace segments go to CloudWatch Logs' };

const PRINCIPAL = 'bedrock-agentcore.amazonaws.com';
/** `ACCOUNT.dkr.ecr.REGION.SUFFIX/REPOSITORY@DIGEST`, or with a tag. */
const IMAGE_URI =
  /^(\d{12})\.dkr[.-]ecr(?:-fips)?\.([a-z0-9-]+)\.[^/]+\/([^:@]+)(?:@(sha256:[a-f0-9]{64})|:([\w.-]+))$/;

/** Sessions fail to start once the image is gone, minutes after everything has looked well. */
export function imageCheck({ agentRuntimeArtifact }: RuntimeFacts): Promise<Check> {
  return asking(IMAGE, 'ecr:DescribeImages', async () => {
    const uri = agentRuntimeArtifact?.containerConfiguration?.containerUri;
    if (uri === undefined) {
      return skipped(
        IMAGE,
        agentRuntimeArtifact?.codeConfiguration ? 'a zip file, not an image' : 'AgentCore does not say',
      );
    }
    const [, registryId, region, repositoryName, imageDigest, imageTag] = IMAGE_URI.exec(uri) ?? [];
    if (repositoryName === undefined) {
      return skipped(IMAGE, `${uri} is not in Amazon ECR`);
    }
    const { ECRClient, DescribeImagesCommand } = await import('@aws-sdk/client-ecr');
    const client = new ECRClient({ region });
    try {
      await client.send(
        new DescribeImagesCommand({ registryId, repositoryName, imageIds: [{ imageDigest, imageTag }] }),
      );
      return ok(IMAGE, uri);
    } catch (error) {
      const { name } = error as Error;
      if (name !== 'ImageNotFoundException' && name !== 'RepositoryNotFoundException') {
        throw error;
      }
      const gone = name === 'ImageNotFoundException' ? 'the image is gone' : 'the repository is gone';
      return failed(
        IMAGE,
        `${gone}: ${uri}`,
        'deploy again, and keep lifecycle rules of the repository off images in use',
      );
    } finally {
      client.destroy();
    }
  });
}

/** AgentCore assumes the role when a session starts. */
export function roleCheck({ roleArn }: RuntimeFacts, { region }: Deployment): Promise<Check> {
  return asking(ROLE, 'iam:GetRole', async () => {
    const { IAMClient, GetRoleCommand } = await import('@aws-sdk/client-iam');
    const client = new IAMClient({ region });
    try {
      const { Role: role } = await client.send(new GetRoleCommand({ RoleName: roleArn.replace(/^.*\//, '') }));
      const trust = decodeURIComponent(role?.AssumeRolePolicyDocument ?? '');
      return trust.includes(PRINCIPAL)
        ? ok(ROLE, roleArn)
        : failed(
            ROLE,
            `${roleArn} does not trust ${PRINCIPAL}`,
            `let ${PRINCIPAL} assume it, for this account and runtime`,
          );
    } catch (error) {
      if ((error as Error).name !== 'NoSuchEntityException') {
        throw error;
      }
      return failed(ROLE, `${roleArn} is gone`, 'deploy again: a role of the same name is another role');
    } finally {
      client.destroy();
    }
  });
}

export function logGroupCheck(deployment: Deployment): Promise<Check> {
  return asking(LOG_GROUP, 'logs:DescribeLogGroups', async () => {
    const { CloudWatchLogsClient, DescribeLogGroupsCommand } = await import('@aws-sdk/client-cloudwatch-logs');
    const client = new CloudWatchLogsClient({ region: deployment.region });
    const group = logGroupOf(deployment, 'server');
    try {
      const { logGroups = [] } = await client.send(new DescribeLogGroupsCommand({ logGroupNamePrefix: group }));
      const found = logGroups.find(({ logGroupName }) => logGroupName === group);
      if (found === undefined) {
        return warning(
          LOG_GROUP,
          `no ${group}`,
          'AgentCore makes it with the first request: there was none, or its role may not',
        );
      }
      const days = found.retentionInDays;
      return ok(LOG_GROUP, `${group}, kept ${days === undefined ? 'for ever' : `for ${days} days`}`);
    } finally {
      client.destroy();
    }
  });
}

/** One setting for the account and the Region. */
export function tracingCheck({ region }: Deployment): Promise<Check> {
  return asking(TRACING, 'xray:GetTraceSegmentDestination', async () => {
    const { XRayClient, GetTraceSegmentDestinationCommand } = await import('@aws-sdk/client-xray');
    const client = new XRayClient({ region });
    try {
      const { Destination: destination, Status: status } = await client.send(new GetTraceSegmentDestinationCommand({}));
      const found = `${destination}, ${status}`;
      return destination === 'CloudWatchLogs'
        ? ok(TRACING, found)
        : warning(
            TRACING,
            found,
            'switch on CloudWatch Transaction Search, for example by `TransactionSearch`: traces of the runtime need it',
          );
    } finally {
      client.destroy();
    }
  });
}
