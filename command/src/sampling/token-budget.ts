import type { CreateMessageRequestParams } from 'stateful-mcp-client';
import { CommandError } from '../common/command-error';

/**
 * How many tokens the answers to sampling requests may have together. What a request may use is counted, not what its
 * answer has used: nobody learns that from every model.
 */
export class TokenBudget {
  private left: number;

  public constructor(private readonly limit: number) {
    this.left = limit;
  }

  /** The request with what is left of the budget as its limit. Throws when nothing is. */
  public admit(request: CreateMessageRequestParams): CreateMessageRequestParams {
    if (this.left === 0) {
      throw new CommandError(`the ${this.limit} tokens of \`--max-tokens\` are used up: allow more to answer`);
    }
    const maxTokens = Math.min(request.maxTokens, this.left);
    this.left -= maxTokens;
    return { ...request, maxTokens };
  }
}

/** The budget of `--max-tokens`; `undefined` without it. */
export function budgetOf(maxTokens: number | undefined): TokenBudget | undefined {
  return maxTokens === undefined ? undefined : new TokenBudget(maxTokens);
}
