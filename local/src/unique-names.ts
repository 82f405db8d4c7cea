import type { RuntimeDefinition } from './runtime-definition';

/**
 * Runtimes of different Stages may have the same name, as they are deployed to different accounts or regions. Here all that share a name get the name of their
 * stack in front of it.
 */
export function uniqueNames(runtimes: readonly RuntimeDefinition[]): readonly RuntimeDefinition[] {
  return runtimes.map((runtime) => {
    const alone = runtimes.every(other => other === runtime || other.name !== runtime.name);
    return alone ? runtime : { ...runtime, name: `${runtime.stackName}-${runtime.name}` };
  });
}
