import { Stack, Token } from 'aws-cdk-lib';
import type { IModel } from 'aws-cdk-lib/aws-bedrock';
import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { construct, grantee as granteeKind } from '../private/common/cdk-kinds';
import { refuse } from '../private/common/construct-error';
import { described, kindProblems, like, text } from '../private/common/kinds';
import { MODEL_ACTIONS } from '../private/permissions/perms';

const modelKind = like('IModel', ['modelArn'], 'give one such as `FoundationModel.fromFoundationModelId(...)`');

/** A provider and a model, with versions: https://docs.aws.amazon.com/bedrock/latest/userguide/models-supported.html */
const MODEL_ID = /^[a-z0-9-]+\.[a-z0-9-]+(?:[.:][a-z0-9-]+)*$/;

/**
 * Inference profiles of the service itself; their ids are that of the model, after where they spread calls over: `us`,
 * `us-gov`, `jp` and others of two letters, which no provider has.
 */
const PROFILE = /^(?:global|apac|[a-z]{2}(?:-[a-z]+)?)\.(.+\..+)$/;

/**
 * Grants the use of a model on Amazon Bedrock, for servers that have one of their own beside that of their clients.
 */
export class BedrockModelGrants {
  /**
   * Grants for a model of the L2 construct.
   *
   * @param model - such as `FoundationModel.fromFoundationModelId(...)`
   */
  public static fromModel(model: IModel): BedrockModelGrants {
    refuse(undefined, kindProblems({ model }, { model: modelKind }));
    return new BedrockModelGrants([model.modelArn]);
  }

  /**
   * Grants for a model by its id, or for an inference profile of the service by its own: that is the id of the model
   * behind a prefix such as `us.` or `global.`, and lets the model be called in each Region that the profile spreads over.
   *
   * A model or a profile of your own has an ARN: give that to `fromModel`, by `ProvisionedModel.fromProvisionedModelArn`.
   *
   * @param scope - a construct of the stack that the server is in
   * @param modelId - the value of `modelId` in calls of Amazon Bedrock
   */
  public static fromModelId(scope: Construct, modelId: string): BedrockModelGrants {
    refuse(undefined, kindProblems({ scope, modelId }, { scope: construct, modelId: text }));
    refuse(scope, modelIdProblems(modelId));
    const stack = Stack.of(scope);
    const modelArn = (resourceName: string, region?: string): string =>
      stack.formatArn({ service: 'bedrock', account: '', region, resource: 'foundation-model', resourceName });
    const [, profiled] = PROFILE.exec(modelId) ?? [];
    return new BedrockModelGrants(
      profiled === undefined
        ? [modelArn(modelId)]
        : [
            stack.formatArn({ service: 'bedrock', resource: 'inference-profile', resourceName: modelId }),
            modelArn(profiled, '*'),
          ],
    );
  }

  private constructor(private readonly resourceArns: string[]) {}

  /**
   * Lets a server call the model, whole or as a stream.
   *
   * @param grantee - the server
   */
  public invoke(grantee: IGrantable): Grant {
    refuse(undefined, kindProblems({ grantee }, { grantee: granteeKind }));
    return Grant.addToPrincipal({ grantee, actions: MODEL_ACTIONS, resourceArns: this.resourceArns });
  }
}

function modelIdProblems(modelId: string): string[] {
  if (Token.isUnresolved(modelId)) {
    return ['`modelId` is a token; a literal id is allowed: its prefix says what to permit'];
  }
  return MODEL_ID.test(modelId)
    ? []
    : [
        `\`modelId\` is ${described(modelId)}; the id of a model such as "anthropic.claude-haiku-4-5-v1:0", or of an inference profile such as "us.anthropic.claude-haiku-4-5-v1:0", is allowed: give one, or an ARN by \`BedrockModelGrants.fromModel(ProvisionedModel.fromProvisionedModelArn(...))\``,
      ];
}
