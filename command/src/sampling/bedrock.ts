import type { BedrockRuntimeClient } from '@aws-sdk/client-bedrock-runtime';
import { CommandError } from '../common/command-error';
import type { Sampler } from './sampler';

/**
 * Asks a model of Amazon Bedrock by its Converse API, with the credentials and the region of the AWS SDK's usual
 * places. Rejects at once when there are none.
 */
export async function bedrockSampler(modelId: string): Promise<Sampler> {
  // Not before it is asked for: other commands start without the AWS SDK.
  const { BedrockRuntimeClient } = await import('@aws-sdk/client-bedrock-runtime');
  const { ServerKitError } = await import('stateful-mcp-server');
  const { bedrockSampling } = await import('stateful-mcp-server/bedrock');
  const client = new BedrockRuntimeClient({});
  await checkConfiguration(client);
  // The model is the one of the command line: `modelPreferences` are the server's wishes.
  const ask = bedrockSampling({ modelId, client });
  return {
    name: `${modelId} on Amazon Bedrock`,
    remote: true,
    dispose: () => client.destroy(),
    async sample(request, signal) {
      try {
        return await ask(request, signal);
      } catch (cause) {
        throw cause instanceof ServerKitError ? new CommandError(cause.message, undefined, { cause }) : cause;
      }
    },
  };
}

async function checkConfiguration(client: BedrockRuntimeClient): Promise<void> {
  try {
    await client.config.region();
  } catch (cause) {
    throw new CommandError(
      '`--sampling bedrock:…` needs an AWS region: set AWS_REGION, or a region in your AWS profile',
      undefined,
      { cause },
    );
  }
  try {
    await client.config.credentials();
  } catch (cause) {
    throw new CommandError(
      '`--sampling bedrock:…` needs AWS credentials, and none were found: run `aws sso login` or `aws configure`, set AWS_PROFILE, ' +
        `or leave --sampling out (${(cause as Error).message})`,
      undefined,
      { cause },
    );
  }
}
