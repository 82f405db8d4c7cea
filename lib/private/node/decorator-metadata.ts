import { readFileSync } from 'node:fs';
import path from 'node:path';
import { emitsDecoratorMetadata } from '../esbuild/tsconfig';

/** A decorator at the beginning of a line, or before what it decorates. */
const DECORATOR = /^\s*@[A-Za-z_$][\w$.]*(?:\(|\s|$)/m;

/**
 * The sources whose decorators would lack the types that TypeScript writes down for them: esbuild reads each file by
 * itself, and knows of no types.
 *
 * @see https://www.typescriptlang.org/tsconfig/#emitDecoratorMetadata
 */
export function decoratorProblems(
  sources: readonly string[],
  { projectRoot, tsconfig }: { readonly projectRoot: string; readonly tsconfig?: string },
): string[] {
  const lost = sources.filter(
    file =>
      /\.[cm]?tsx?$/.test(file) &&
      !file.includes(`${path.sep}node_modules${path.sep}`) &&
      emitsDecoratorMetadata(file, tsconfig) &&
      DECORATOR.test(readFileSync(file, 'utf8')),
  );
  if (lost.length === 0) {
    return [];
  }
  const [first = '', ...others] = lost.map(file => path.relative(projectRoot, file));
  return [
    `\`emitDecoratorMetadata\` of tsconfig.json is true, and ${first}${others.length === 0 ? ' has' : ` and ${others.length} more have`} decorators; ` +
      'esbuild cannot write that metadata: compile the sources by TypeScript ("tsc"), and give the JavaScript as `entry`, ' +
      'or remove `emitDecoratorMetadata` if nothing reads it',
  ];
}
