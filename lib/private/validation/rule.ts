import type { Located, Templates } from './templates';

/** One resource that breaks a rule, and the property that does. */
export interface Finding {
  readonly resource: Located;
  readonly location: string;
}

/** What is wrong with the MCP runtimes of an app, and what to do about it. */
export interface Rule {
  readonly id: string;
  readonly severity: 'error' | 'warning';
  readonly description: string;
  readonly fix: string;
  /**
   * @param templates - all templates of the app
   * @param runtimes - those runtimes that serve MCP, or may
   */
  readonly check: (templates: Templates, runtimes: readonly Located[]) => Finding[];
}
