import path from 'node:path';
import { readTemplate, type AssemblyStage, type AssemblyStack, type TemplateResource } from './cloud-assembly';
import { runtimeArn, runtimeId } from '../model/runtime-definition';
import { evaluate, evaluateText, UnresolvedReference, type TemplateScope, type TemplateValue } from './template-values';

const TABLE_TYPES = new Set(['AWS::DynamoDB::Table', 'AWS::DynamoDB::GlobalTable']);
const NESTED_STACK = 'AWS::CloudFormation::Stack';
/** CDK's note where the template of a nested stack is. */
const ASSET_PATH = 'aws:asset:path';

/** The stacks of a stage, nested ones included, as the scopes of their templates. */
export function stackScopes(stage: AssemblyStage): readonly StackScope[] {
  const scopes: StackScope[] = [];
  const add = (scope: StackScope): void => {
    scopes.push(scope);
    scope.nested.forEach(add);
  };
  for (const stack of stage.stacks) {
    add(new StackScope(stage, stack, scopes));
  }
  return scopes;
}

/** Gives the references in a stack's template the values they have here. */
export class StackScope implements TemplateScope {
  public readonly pseudoParameters: Readonly<Record<string, string>>;
  public readonly nested: ReadonlyMap<string, StackScope>;

  /**
   * @param siblings - all stacks of the stage, whose exports this one may import
   * @param given - values that the parent of a nested stack hands to its parameters
   */
  public constructor(
    stage: AssemblyStage,
    public readonly stack: AssemblyStack,
    private readonly siblings: readonly StackScope[],
    private readonly given: Given = () => undefined,
  ) {
    const { name, account, region } = stack;
    const { partition, urlSuffix } = partitionOf(region);
    this.pseudoParameters = {
      'AWS::Region': region,
      'AWS::AccountId': account,
      'AWS::Partition': partition,
      'AWS::URLSuffix': urlSuffix,
      'AWS::StackName': name,
      'AWS::StackId': `arn:${partition}:cloudformation:${region}:${account}:stack/${name}/00000000-0000-0000-0000-000000000000`,
    };
    this.nested = new Map(
      this.resourcesOf(type => type === NESTED_STACK).flatMap(([logicalId, resource]) => {
        const file = resource.Metadata?.[ASSET_PATH];
        if (typeof file !== 'string') {
          return [];
        }
        const template = readTemplate(path.resolve(stage.directory, file));
        const parameters = (resource.Properties?.Parameters ?? {}) as Record<string, TemplateValue>;
        const give = (parameter: string): string | undefined =>
          parameters[parameter] === undefined ? undefined : evaluateText(parameters[parameter], this);
        return [
          [logicalId, new StackScope(stage, { ...stack, name: `${name}-${logicalId}`, template }, siblings, give)],
        ];
      }),
    );
  }

  public parameter(name: string): string | undefined {
    const given = this.given(name);
    if (given !== undefined) {
      return given;
    }
    const parameter = this.stack.template.Parameters?.[name];
    // The default of such a parameter is the name of an SSM parameter, not its value.
    return parameter?.Default === undefined || parameter.Type.startsWith('AWS::SSM::')
      ? undefined
      : String(parameter.Default);
  }

  public resource(logicalId: string, attribute: string | undefined): string | undefined {
    const resource = this.stack.template.Resources?.[logicalId];
    if (!resource) {
      return undefined;
    }
    if (TABLE_TYPES.has(resource.Type)) {
      return this.tableAttribute(logicalId, attribute);
    }
    if (resource.Type === 'AWS::BedrockAgentCore::Runtime') {
      return this.runtimeAttribute(logicalId, attribute);
    }
    const output =
      resource.Type === NESTED_STACK && attribute?.startsWith('Outputs.')
        ? attribute.slice('Outputs.'.length)
        : undefined;
    const nested = this.nested.get(logicalId);
    return output === undefined || !nested ? undefined : nested.output(output);
  }

  public imported(name: string): TemplateValue {
    for (const sibling of this.siblings) {
      for (const { Value: value, Export: exported } of Object.values(sibling.stack.template.Outputs ?? {})) {
        if (exported && evaluate(exported.Name, sibling) === name) {
          return evaluate(value, sibling);
        }
      }
    }
    throw new UnresolvedReference(`Fn::ImportValue: ${name}`);
  }

  public kindOf(logicalId: string): string | undefined {
    return (
      this.stack.template.Resources?.[logicalId]?.Type ?? (this.stack.template.Parameters?.[logicalId] && 'parameter')
    );
  }

  public resourcesOf(type: (type: string) => boolean): [string, TemplateResource][] {
    return Object.entries(this.stack.template.Resources ?? {}).filter(([, resource]) => type(resource.Type));
  }

  public tables(): [string, TemplateResource][] {
    return this.resourcesOf(type => TABLE_TYPES.has(type));
  }

  /** The name of a table here: its own, or stack and logical id in the manner of CloudFormation. */
  public tableName(logicalId: string): string {
    const name = this.stack.template.Resources?.[logicalId]?.Properties?.TableName;
    return name === undefined ? `${this.stack.name}-${logicalId}` : evaluateText(name, this);
  }

  public runtimeName(logicalId: string): string {
    return evaluateText(this.stack.template.Resources?.[logicalId]?.Properties?.AgentRuntimeName, this);
  }

  public runtimeArn(logicalId: string): string {
    const id = runtimeId(this.runtimeName(logicalId), `${this.stack.name}/${logicalId}`);
    return runtimeArn(id, { ...this.stack, partition: partitionOf(this.stack.region).partition });
  }

  private output(name: string): string | undefined {
    const output = this.stack.template.Outputs?.[name];
    return output && evaluateText(output.Value, this);
  }

  private tableAttribute(logicalId: string, attribute: string | undefined): string | undefined {
    const name = this.tableName(logicalId);
    const { region, account } = this.stack;
    if (attribute === undefined) {
      return name;
    }
    return attribute === 'Arn'
      ? `arn:${partitionOf(region).partition}:dynamodb:${region}:${account}:table/${name}`
      : undefined;
  }

  private runtimeAttribute(logicalId: string, attribute: string | undefined): string | undefined {
    const arn = this.runtimeArn(logicalId);
    switch (attribute) {
      case undefined:
      case 'AgentRuntimeId':
        return arn.slice(arn.indexOf('/') + 1);
      case 'AgentRuntimeArn':
        return arn;
      case 'AgentRuntimeName':
        return this.runtimeName(logicalId);
      case 'AgentRuntimeVersion':
        return '1';
      default:
        return undefined;
    }
  }
}

type Given = (parameter: string) => string | undefined;

function partitionOf(region: string): { partition: string; urlSuffix: string } {
  if (region.startsWith('cn-')) {
    return { partition: 'aws-cn', urlSuffix: 'amazonaws.com.cn' };
  }
  return { partition: region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws', urlSuffix: 'amazonaws.com' };
}
