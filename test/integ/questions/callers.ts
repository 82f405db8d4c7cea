import * as asked from '../experiments/callers';
import { experiment, type OpenQuestion } from './question';

const FIDELITY = 'docs/reference/fidelity.md';

/** How callers are refused, and by which rules a token is taken. */
export const ABOUT_CALLERS: readonly OpenQuestion[] = [
  {
    id: 'no-credentials',
    question: 'Which body has the refusal of a request without credentials?',
    how: 'a ping without credentials to a runtime of each kind',
    settledBy: 'status, headers and body',
    changes: [FIDELITY],
    rows: ['Text of 403'],
    asked: experiment(0, 60, asked.noCredentials, ['core', 'tokens']),
  },
  {
    id: 'resource-metadata',
    question: 'Which members has the metadata of the protected resource?',
    how: 'GET at the URL that the challenge names',
    settledBy: 'the document',
    changes: [FIDELITY, 'docs/guides/auth.md'],
    rows: ['Metadata document'],
    asked: experiment(0, 60, asked.metadata, ['tokens']),
  },
  {
    id: 'wrong-tokens',
    question: 'Which wrong token gets 401, which 403, and what does the challenge say?',
    how: 'no token, another signature, no algorithm, a client that is not allowed',
    settledBy: 'status and challenge of each',
    changes: [FIDELITY],
    rows: ['401 or 403 for a token', 'Error in the challenge'],
    asked: experiment(0, 120, asked.wrongTokens, ['tokens']),
  },
  {
    id: 'claim-rules',
    question: 'Do audience, clients and scopes of an authorizer all have to hold, or one of them?',
    how: 'four runtimes, made by the control plane, whose rules a good token meets in part',
    settledBy: 'which of them take the token',
    changes: [FIDELITY, 'docs/guides/auth.md'],
    rows: ['Token checks'],
    asked: experiment(4, 300, asked.claimRules, ['tokens']),
  },
  {
    id: 'algorithms-and-skew',
    question: 'Which algorithms may sign a token, and how far may clocks differ?',
    how: '-',
    settledBy: 'which tokens are taken',
    changes: [FIDELITY],
    rows: ['Skew of token times'],
    asked: { because: 'it needs an issuer with a public HTTPS address that signs whatever it is asked to' },
  },
  {
    id: 'token-with-audience',
    question: 'Does a token of Amazon Cognito that is bound to a resource open a runtime?',
    how: 'a person signs in (`--person`); its client names the resource',
    settledBy: 'the claims of the token, and the status of a request with it',
    changes: ['docs/guides/auth.md'],
    asked: experiment(1, 360, asked.audience, ['tokens']),
  },
  {
    id: 'loopback-callback',
    question: 'Does Amazon Cognito take callback URLs at `http://127.0.0.1`?',
    how: 'clients of the user pool with such URLs, made and removed',
    settledBy: 'whether they are made',
    changes: ['docs/guides/auth.md'],
    asked: experiment(0, 60, asked.loopbackCallback, ['tokens']),
  },
  {
    id: 'hosts-of-2026-07-28',
    question: 'Do VS Code and Cursor speak revision 2026-07-28?',
    how: '-',
    settledBy: 'the `Mcp-Protocol-Version` that they send',
    changes: ['docs/reference/support.md'],
    asked: { because: 'they are programs with windows on a desk, and nothing of it depends on an account' },
  },
];
