import { readFileSync } from 'node:fs';
import { Token, type Duration } from 'aws-cdk-lib';
import { duration } from '../private/common/cdk-kinds';
import { constructError, refuse } from '../private/common/construct-error';
import {
  described,
  enumValue,
  flag,
  instanceOf,
  kindProblems,
  listOf,
  optional,
  options as optionsOf,
  text,
  texts,
  wholeNumber,
  type Kind,
  type Kinds,
} from '../private/common/kinds';
import { withoutByteOrderMark } from '../private/program/json-files';
import type { CheckConversation, CheckDefinition } from '../private/release/check-definition';
import { MAX_TIMEOUT_MS, problemWithCheck } from '../private/release/check-validation';
import { jsonObject } from '../private/release/json-data';
import { McpCheckAnswer } from './mcp-check-answer';
import {
  McpEra,
  type McpCheckConversation,
  type McpCheckLatency,
  type McpCheckOptions,
  type McpCheckProgress,
  type McpCheckResult,
} from './mcp-check-options';
import { McpCheckReply } from './mcp-check-reply';

/** What is held against answers has to be there before the deployment. */
const known =
  (other: Kind): Kind =>
  (value, name) =>
    Token.isUnresolved(value)
      ? [`\`${name}\` is an unresolved token; a value that is known is allowed: give one`]
      : other(value, name);

/** The deployment has no clock to convert it by. */
const knownDuration: Kind = (value, name) => {
  const problems = duration(value, name);
  if (problems.length > 0) {
    return problems;
  }
  const given = value as Duration;
  if (given.isUnresolved()) {
    return [`\`${name}\` is an unresolved token; a duration that is known is allowed: give one`];
  }
  const milliseconds = given.toMilliseconds({ integral: false });
  return milliseconds > 0 && milliseconds <= MAX_TIMEOUT_MS && Number.isInteger(milliseconds)
    ? []
    : [
        `\`${name}\` is ${milliseconds} milliseconds; whole ones above 0, at most ${MAX_TIMEOUT_MS}, are allowed: give some`,
      ];
};

const LATENCY: Kinds<McpCheckLatency> = { firstCall: optional(knownDuration), warmCall: optional(knownDuration) };
const PROGRESS: Kinds<McpCheckProgress> = {
  atLeast: optional(known(wholeNumber)),
  atMost: optional(known(wholeNumber)),
};
const RESULT: Kinds<McpCheckResult> = {
  isError: optional(flag),
  text: optional(text),
  matches: optional(known(text)),
  structuredContent: optional(jsonObject),
};
const CONVERSATION: Kinds<McpCheckConversation> = {
  name: optional(text),
  tool: text,
  arguments: optional(jsonObject),
  elicitation: optional(
    listOf(
      instanceOf('McpCheckAnswer', () => McpCheckAnswer, 'make one with `McpCheckAnswer.accept(...)`', []),
      'answers',
    ),
  ),
  sampling: optional(
    listOf(
      instanceOf('McpCheckReply', () => McpCheckReply, 'make one with `McpCheckReply.text(...)`', []),
      'replies',
    ),
  ),
  progress: optional(optionsOf(PROGRESS, { nested: true })),
  result: optional(optionsOf(RESULT, { nested: true })),
  timeout: optional(knownDuration),
};
const OPTIONS: Kinds<McpCheckOptions> = {
  eras: optional(listOf(enumValue('McpEra', McpEra, 'give `McpEra.LEGACY` or `McpEra.MODERN`'), 'eras')),
  sessions: optional(flag),
  tools: optional(texts),
  prompts: optional(texts),
  resources: optional(texts),
  conversations: optional(listOf(optionsOf(CONVERSATION, { nested: true }), 'conversations')),
  latency: optional(optionsOf(LATENCY, { nested: true })),
  parallelFirstCalls: optional(known(wholeNumber)),
  allowedChanges: optional(texts),
};

/**
 * What a server has to do before it is released, and ever again where a release is watched: a real conversation.
 *
 * Written once, as options or in a JSON file that unit tests (`stateful-mcp-server/testing`) and the command
 * `stateful-mcp check` read as well. What is said here is in the template, so there may be no secret in it.
 *
 * @example
 * const check = McpCheck.of({
 *   tools: ['add_expense'],
 *   conversations: [
 *     {
 *       tool: 'add_expense',
 *       arguments: { 'userAlias': 'release-check' },
 *       elicitation: [McpCheckAnswer.accept({ amount: 12.5 }), McpCheckAnswer.decline('Record')],
 *       progress: { atLeast: 1 },
 *       result: { text: 'Nothing was recorded' },
 *     },
 *   ],
 *   latency: { firstCall: Duration.seconds(30) },
 * });
 * new StatefulMcpServer(this, 'Expenses', {
 *   code: McpServerCode.fromTypeScript('server.ts'),
 *   release: McpRelease.verified({ check }),
 * });
 */
export class McpCheck {
  /**
   * A check by options.
   *
   * @param options - what to check beyond what each release is checked for
   */
  public static of(options: McpCheckOptions): McpCheck {
    refuse(undefined, optionsOf(OPTIONS)(options, 'options'));
    const definition = definitionOf(options);
    const problem = problemWithCheck(definition);
    refuse(undefined, problem === undefined ? [] : [problem]);
    return new McpCheck(definition);
  }

  /**
   * A check in a JSON file.
   *
   * @param file - its path, from the working directory where it is relative
   */
  public static fromFile(file: string): McpCheck {
    refuse(undefined, kindProblems({ file }, { file: text }));
    const definition = readDefinition(file);
    const problem = problemWithCheck(definition);
    const problems = problem === undefined ? kindProblems({ check: definition }, { check: jsonObject }) : [problem];
    refuse(
      undefined,
      problems.map(one => `\`file\` is ${file}, in which ${one}`),
    );
    return new McpCheck(definition as CheckDefinition);
  }

  private constructor(private readonly definition: CheckDefinition) {}

  /**
   * As the JSON form has it.
   *
   * @internal
   */
  public _toJson(): CheckDefinition {
    return this.definition;
  }
}

function readDefinition(file: string): unknown {
  let content: string;
  try {
    content = withoutByteOrderMark(readFileSync(file, 'utf8'));
  } catch (error) {
    const { code = String(error) } = error as NodeJS.ErrnoException;
    throw constructError(
      undefined,
      `\`file\` is ${described(file)}, which cannot be read (${code}); the path of a JSON file is allowed: correct it`,
    );
  }
  try {
    return JSON.parse(content) as unknown;
  } catch (error) {
    throw constructError(
      undefined,
      `\`file\` is ${described(file)}, which is no JSON (${(error as Error).message}); a check in JSON is allowed: correct it`,
    );
  }
}

/** Members that are undefined are not in the JSON. */
function definitionOf({ latency, conversations, ...others }: McpCheckOptions): CheckDefinition {
  const definition: CheckDefinition = {
    ...others,
    conversations: conversations?.map(conversationOf),
    latency: latency && {
      firstCallMs: latency.firstCall?.toMilliseconds(),
      warmCallMs: latency.warmCall?.toMilliseconds(),
    },
  };
  return definition;
}

function conversationOf({ elicitation, sampling, timeout, ...others }: McpCheckConversation): CheckConversation {
  return {
    ...others,
    elicitation: elicitation?.map(answer => answer._toJson()),
    sampling: sampling?.map(reply => reply._toJson()),
    timeoutMs: timeout?.toMilliseconds(),
  };
}
