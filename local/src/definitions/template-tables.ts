import type { CreateTableCommandInput } from '@aws-sdk/client-dynamodb';
import type { AssemblyStage } from './cloud-assembly';
import { LocalRuntimeError } from '../common/errors';
import { stackScopes, type StackScope } from './stack-scope';
import { evaluate, UnresolvedReference, type TemplateValue } from './template-values';

/** A table of a template. */
export interface TableDefinition {
  readonly logicalId: string;
  readonly name: string;
  readonly input: CreateTableCommandInput;
}

interface TableProperties {
  readonly AttributeDefinitions: CreateTableCommandInput['AttributeDefinitions'];
  readonly KeySchema: CreateTableCommandInput['KeySchema'];
  readonly GlobalSecondaryIndexes?: readonly IndexProperties[];
  readonly LocalSecondaryIndexes?: readonly IndexProperties[];
}

type IndexProperties = NonNullable<CreateTableCommandInput['LocalSecondaryIndexes']>[number];

/**
 * The DynamoDB tables that a stage deploys, with their keys and indexes. Capacity, streams and encryption have no
 * meaning here and are left out.
 */
export function tablesOf(stage: AssemblyStage): readonly TableDefinition[] {
  return stackScopes(stage).flatMap(scope =>
    scope.tables().map(([logicalId, { Properties: properties = {} }]) => tableOf(logicalId, properties, scope)),
  );
}

function tableOf(
  logicalId: string,
  properties: Readonly<Record<string, TemplateValue>>,
  scope: StackScope,
): TableDefinition {
  try {
    const name = scope.tableName(logicalId);
    const { AttributeDefinitions, KeySchema, GlobalSecondaryIndexes, LocalSecondaryIndexes } = evaluate(
      {
        AttributeDefinitions: properties.AttributeDefinitions,
        KeySchema: properties.KeySchema,
        GlobalSecondaryIndexes: properties.GlobalSecondaryIndexes,
        LocalSecondaryIndexes: properties.LocalSecondaryIndexes,
      },
      scope,
    ) as unknown as TableProperties;
    const input = {
      TableName: name,
      BillingMode: 'PAY_PER_REQUEST' as const,
      AttributeDefinitions,
      KeySchema,
      GlobalSecondaryIndexes: GlobalSecondaryIndexes?.map(indexOf),
      LocalSecondaryIndexes: LocalSecondaryIndexes?.map(indexOf),
    };
    return { logicalId, name, input };
  } catch (error) {
    if (!(error instanceof UnresolvedReference)) {
      throw error;
    }
    throw new LocalRuntimeError(
      'ERR_UNRESOLVED_REFERENCE',
      `table \`${logicalId}\` of stack ${scope.stack.name} refers to ${error.reference}, which exists only on AWS; use a value that is known at synthesis`,
    );
  }
}

function indexOf({ IndexName, KeySchema, Projection }: IndexProperties): IndexProperties {
  return { IndexName, KeySchema, Projection };
}
