import type { CheckDefinition } from './check-definition';
import type { CheckFinding, ServerContract } from './check-report';
import type { CheckedServer } from './conversations';

const SHOWN = 20;

/** Whether everything is listed that has to be. */
export function missingOffers(
  { era }: Pick<CheckedServer, 'era'>,
  offered: ServerContract,
  { tools, prompts, resources }: CheckDefinition,
): CheckFinding[] {
  return [
    listed(
      'tools',
      tools,
      offered.tools.map(({ name }) => name),
    ),
    listed(
      'prompts',
      prompts,
      offered.prompts.map(({ name }) => name),
    ),
    listed('resources', resources, offered.resources),
  ].flatMap(finding => (finding === undefined ? [] : [{ ...finding, era }]));
}

function listed(
  check: string,
  wanted: readonly string[] | undefined,
  names: readonly string[],
): CheckFinding | undefined {
  if (wanted === undefined) {
    return undefined;
  }
  const missing = wanted.filter(name => !names.includes(name));
  return missing.length === 0
    ? { check, verdict: 'pass' }
    : { check, verdict: 'fail', expected: `${check} with ${list(missing)}`, got: list(names) };
}

function list(names: readonly string[]): string {
  const more = names.length > SHOWN ? ` and ${names.length - SHOWN} more` : '';
  return names.length === 0
    ? 'none'
    : names
        .slice(0, SHOWN)
        .map(name => `\`${name}\``)
        .join(', ') + more;
}
