import { inputResponse, isSpecType } from '@modelcontextprotocol/server';
import type { Question } from './question-capability';

/** The name of a question within a round: the number of its step. */
export function questionKey(index: number): string {
  return `q${index}`;
}

/**
 * The client's answer to a question of a modern round, or undefined when there is none of the right kind: then the
 * question is asked again.
 * @param responses - what the client sent; nothing of it has been checked before
 */
export function answerTo(question: Question, responses: Record<string, unknown> | undefined, key: string): unknown {
  const answer = inputResponse(responses, key);
  switch (question.method) {
    case 'elicitation/create':
      return answer.kind === 'elicit' ? { action: answer.action, content: answer.content } : undefined;
    case 'sampling/createMessage':
      return answer.kind === 'sampling' && isSamplingResult(answer.result) ? answer.result : undefined;
  }
}

function isSamplingResult(result: unknown): boolean {
  return isSpecType.CreateMessageResult(result) || isSpecType.CreateMessageResultWithTools(result);
}
