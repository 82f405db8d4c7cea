import { ACCOUNT_RULES } from './account-rules';
import { isMcp, PROGRAM_RULES } from './program-rules';
import type { Finding, Rule } from './rule';
import { RUNTIME_RULES } from './runtime-rules';
import { Templates } from './templates';

/** All rules, in the order in which they are documented. */
export const RULES: readonly Rule[] = [...PROGRAM_RULES, ...RUNTIME_RULES, ...ACCOUNT_RULES];

/** What the rules find in the templates of an app, for each rule that finds something. */
export function findingsIn(templatePaths: readonly string[]): [Rule, Finding[]][] {
  const templates = new Templates(templatePaths);
  const runtimes = templates.ofType('AWS::BedrockAgentCore::Runtime').filter(runtime => isMcp(templates, runtime));
  return RULES.map((rule): [Rule, Finding[]] => [rule, rule.check(templates, runtimes)]).filter(
    ([, findings]) => findings.length > 0,
  );
}
