import { Lazy } from 'aws-cdk-lib';
import { GraphWidget } from 'aws-cdk-lib/aws-cloudwatch';

/** A metric: namespace, name, names and values of dimensions, and last how it is shown. An expression has the last alone. */
type Row = readonly unknown[];

/** All of the metric before, but for how it is shown. */
const SAME_METRIC = '...';
/** The same field of the metric before. */
const SAME_FIELD = '.';

/**
 * A graph whose metrics say once what they have in common. The CDK writes namespace and dimensions of each anew, which is
 * most of a dashboard of one resource.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
 */
export class RepeatingGraph extends GraphWidget {
  public override toJson(): unknown[] {
    return (super.toJson() as { readonly properties: object & { readonly metrics?: unknown } }[]).map(
      ({ properties, ...widget }) => ({
        ...widget,
        properties: {
          ...properties,
          metrics: Lazy.uncachedAny({ produce: context => repeating(context.resolve(properties.metrics) as Row[]) }),
        },
      }),
    );
  }
}

function repeating(rows: readonly Row[]): Row[] {
  return rows.map((row, index) => {
    const [fields, shown] = partsOf(row);
    const [before] = partsOf(rows[index - 1] ?? []);
    if (fields.length === 0 || fields.length !== before.length) {
      return row;
    }
    const shortened = fields.map((field, at) => (isSame(field, before[at]) ? SAME_FIELD : field));
    return shortened.every(field => field === SAME_FIELD) ? [SAME_METRIC, ...shown] : [...shortened, ...shown];
  });
}

/** Fields come in pairs. */
function partsOf(row: Row): [fields: Row, shown: Row] {
  const length = row.length - (row.length % 2);
  return [row.slice(0, length), row.slice(length)];
}

function isSame(field: unknown, other: unknown): boolean {
  return JSON.stringify(field) === JSON.stringify(other);
}
