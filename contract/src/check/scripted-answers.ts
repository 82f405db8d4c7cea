/** What a scripted user can do with a question. */
const ACTIONS: readonly unknown[] = ['accept', 'decline', 'cancel'];

const SHAPES = 'write "accept", "decline", "cancel", { "accept": { field: value } } or { "action": "decline" }';

/** The question that an answer is for. */
interface ForQuestion {
  readonly question?: string | RegExp;
}

/**
 * Which of the answers is for a question: the first that is for any, or names this one by a part of its text. An answer
 * that names another question waits for that.
 *
 * @returns its index, -1 when there is none
 */
export function indexOfAnswer(answers: readonly (string | ForQuestion)[], message: string): number {
  return answers.findIndex(answer => {
    const question = typeof answer === 'string' ? undefined : answer.question;
    return question instanceof RegExp ? question.test(message) : message.includes(question ?? '');
  });
}

/** What is wrong with a list of answers that was read from JSON; `undefined` when nothing is. */
export function problemWithAnswers(answers: readonly unknown[]): string | undefined {
  for (const [index, answer] of answers.entries()) {
    const problem = problemWithAnswer(answer);
    if (problem !== undefined) {
      return `answer ${index + 1} is ${JSON.stringify(answer)}, ${problem}`;
    }
  }
  return undefined;
}

function problemWithAnswer(answer: unknown): string | undefined {
  if (typeof answer === 'string') {
    return ACTIONS.includes(answer) ? undefined : SHAPES;
  }
  if (!isObject(answer)) {
    return SHAPES;
  }
  const { accept, action, question, ...others } = answer;
  const [other] = Object.keys(others);
  if (other !== undefined) {
    return `which has the unknown member \`${other}\`: ${SHAPES}, and with them "question"`;
  }
  if (question !== undefined && (typeof question !== 'string' || question === '')) {
    return 'whose `question` must be a part of the text of a question';
  }
  if ((accept === undefined) === (action === undefined)) {
    return `which must have either \`accept\` or \`action\`: ${SHAPES}`;
  }
  if (accept !== undefined && !isObject(accept)) {
    return 'whose `accept` must be an object of field name and value';
  }
  return action === undefined || ACTIONS.includes(action)
    ? undefined
    : 'whose `action` must be accept, decline or cancel';
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
