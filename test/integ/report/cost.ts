import { IDLE_SECONDS } from '../app/names';
import { MOST_SESSIONS } from '../callers/check-callers';
import { isAsked, type OpenQuestion } from '../questions/question';

/** What one session could cost in an hour, by the prices of docs/guides/cost.md, if it used all of 2 vCPU and 8 GB. */
export const DOLLARS_A_SESSION_HOUR = 2 * 0.0895 + 8 * 0.00945;
/** A check is over before that. */
const CHECK_SECONDS = 60;

export interface Bound {
  readonly sessions: number;
  readonly dollars: number;
}

/** What AgentCore can cost at most: each session as long as its experiment may take, then idle, at full use. */
export function costBound(questions: readonly OpenQuestion[], withCallers: boolean): Bound {
  const experiments = questions.filter(isAsked).map(({ asked }) => asked);
  const used = [
    ...experiments.map(({ sessions, limitSeconds }) => ({ sessions, seconds: limitSeconds })),
    ...(withCallers ? [{ sessions: MOST_SESSIONS, seconds: CHECK_SECONDS }] : []),
  ];
  const hours = used.reduce((sum, { sessions, seconds }) => sum + (sessions * (seconds + IDLE_SECONDS)) / 3_600, 0);
  return {
    sessions: used.reduce((sum, { sessions }) => sum + sessions, 0),
    dollars: hours * DOLLARS_A_SESSION_HOUR,
  };
}
