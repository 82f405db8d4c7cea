import type { IConstruct } from 'constructs';

/** Says what a synthesis is taking its time for, beside the lines of the CDK on assets. */
export function tellProgress(scope: IConstruct, line: string): void {
  process.stderr.write(`[${scope.node.path}] ${line}\n`);
}
