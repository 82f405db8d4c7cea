// The open questions, one by one. Where they come from, a reader of the documentation finds them too: two pages that
// disagree, a member without a description, a page that says nothing. Guesses of docs/reference/fidelity.md are named by
// a question each, and so are the settings of the local runtime; a test compares.
import { ABOUT_CALLERS } from './callers';
import { ABOUT_DEPLOYMENTS, ABOUT_SOURCES } from './deployments';
import type { OpenQuestion } from './question';
import { ABOUT_REQUESTS } from './requests';
import { ABOUT_LIFE, ABOUT_SESSIONS } from './sessions';

export const QUESTIONS: readonly OpenQuestion[] = [
  ...ABOUT_REQUESTS,
  ...ABOUT_SESSIONS,
  ...ABOUT_LIFE,
  ...ABOUT_CALLERS,
  ...ABOUT_DEPLOYMENTS,
  ...ABOUT_SOURCES,
];
