import { refuse } from '../private/common/construct-error';
import { kindProblems, nonEmptyText } from '../private/common/kinds';
import { jsonObject } from '../private/release/json-data';

/**
 * What the model of the client says to a tool that borrows it (sampling).
 */
export class McpCheckReply {
  /**
   * A text.
   *
   * @param text - what it says
   */
  public static text(text: string): McpCheckReply {
    refuse(undefined, kindProblems({ text }, { text: nonEmptyText }));
    return new McpCheckReply(text);
  }

  /**
   * A whole result of `sampling/createMessage`, for what is no text, such as the use of a tool.
   *
   * @param result - with `role`, `content` and `model`
   */
  public static result(result: { [member: string]: unknown }): McpCheckReply {
    refuse(undefined, kindProblems({ result }, { result: jsonObject }));
    return new McpCheckReply(result);
  }

  private constructor(private readonly reply: string | { readonly [member: string]: unknown }) {}

  /**
   * As the JSON form has it.
   *
   * @internal
   */
  public _toJson(): string | { readonly [member: string]: unknown } {
    return this.reply;
  }
}
