import type { BedrockRuntimeClient } from '@aws-sdk/client-bedrock-runtime';
import type {
  CreateMessageRequestParams,
  CreateMessageRequestParamsWithTools,
  CreateMessageResult,
  CreateMessageResultWithTools,
} from '@modelcontextprotocol/server';
import { ServerKitError } from 'stateful-mcp-server';
import { toConverse } from './converse-request';
import { toResult, toResultWithTools } from './converse-response';

export interface BedrockSamplingOptions {
  /**
   * The id or ARN of a model or of an inference profile that the Converse API takes, for example
   * `amazon.nova-lite-v1:0`.
   */
  readonly modelId: string;
  /**
   * The AWS region of the model.
   * @default - the region of the runtime: where the AWS SDK finds one (`AWS_REGION`)
   */
  readonly region?: string;
  /**
   * A client of your own, for example with other credentials.
   * @default - one is made at the first request; it takes the credentials of the runtime's execution role, which needs
   * `bedrock:InvokeModel`
   */
  readonly client?: BedrockRuntimeClient;
}

/** What `io.sample` takes as its `fallback`. */
export interface BedrockSampling {
  (request: CreateMessageRequestParamsWithTools, signal?: AbortSignal): Promise<CreateMessageResultWithTools>;
  (request: CreateMessageRequestParams, signal?: AbortSignal): Promise<CreateMessageResult>;
}

/**
 * Answers sampling requests with a model of Amazon Bedrock by its Converse API, when the client cannot.
 *
 * ```ts
 * const fallback = bedrockSampling({ modelId: 'amazon.nova-lite-v1:0' });
 * // in a handler: await io.sample(request, { fallback })
 * ```
 *
 * Messages, system prompt, token limit, temperature, stop sequences, images (png, jpeg, gif, webp) and tools go
 * through; `modelPreferences` and `includeContext` are wishes to a client that chooses, and are left out. The fallback
 * fails with `ERR_BEDROCK_REQUEST` for content that the API does not take, and with `ERR_BEDROCK_FAILED` when the
 * service does not answer.
 *
 * Nothing is loaded and no credentials are looked for before the first request.
 */
export function bedrockSampling({ modelId, region, client }: BedrockSamplingOptions): BedrockSampling {
  let opened: Promise<BedrockRuntimeClient> | undefined;
  const open = async (): Promise<BedrockRuntimeClient> => {
    const { BedrockRuntimeClient } = await import('@aws-sdk/client-bedrock-runtime');
    return new BedrockRuntimeClient(region === undefined ? {} : { region });
  };

  const answer = async (
    request: CreateMessageRequestParams,
    signal?: AbortSignal,
  ): Promise<CreateMessageResult | CreateMessageResultWithTools> => {
    const input = toConverse(modelId, request);
    const { ConverseCommand } = await import('@aws-sdk/client-bedrock-runtime');
    const converse = client ?? (await (opened ??= open()));
    try {
      const output = await converse.send(new ConverseCommand(input), { ...(signal && { abortSignal: signal }) });
      return request.tools ? toResultWithTools(modelId, output) : toResult(modelId, output);
    } catch (cause) {
      if (signal?.aborted) {
        throw cause;
      }
      const { name, message } = cause as Error;
      throw new ServerKitError(
        'ERR_BEDROCK_FAILED',
        `${modelId} on Amazon Bedrock did not answer: ${name}: ${message}`,
        { cause },
      );
    }
  };
  // Which of the two results it is depends on whether the request has tools, as the overloads say.
  return answer as BedrockSampling;
}
