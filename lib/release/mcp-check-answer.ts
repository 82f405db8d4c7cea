import { refuse } from '../private/common/construct-error';
import { kindProblems, nonEmptyText, optional } from '../private/common/kinds';
import type { CheckAnswer } from '../private/release/check-definition';
import { jsonObject } from '../private/release/json-data';

/**
 * What a user does with a question of a tool (elicitation).
 */
export class McpCheckAnswer {
  /**
   * Accepts, and gives what was asked for.
   *
   * @param content - values by the names of the fields; a question of a URL has none
   * @param question - a part of the text of the question that it is for; any question when left out
   */
  public static accept(content: { [field: string]: unknown } = {}, question?: string): McpCheckAnswer {
    refuse(undefined, kindProblems({ content }, { content: jsonObject }));
    return new McpCheckAnswer({ accept: content, question });
  }

  /**
   * Says no.
   *
   * @param question - a part of the text of the question that it is for; any question when left out
   */
  public static decline(question?: string): McpCheckAnswer {
    return new McpCheckAnswer({ action: 'decline', question });
  }

  /**
   * Closes the question without an answer.
   *
   * @param question - a part of the text of the question that it is for; any question when left out
   */
  public static cancel(question?: string): McpCheckAnswer {
    return new McpCheckAnswer({ action: 'cancel', question });
  }

  private constructor(private readonly answer: CheckAnswer & { readonly question?: string }) {
    const { question } = answer;
    refuse(undefined, kindProblems({ question }, { question: optional(nonEmptyText) }));
  }

  /**
   * As the JSON form has it.
   *
   * @internal
   */
  public _toJson(): CheckAnswer {
    return this.answer;
  }
}
