import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { PLATFORM_SETTING_VALUES } from 'stateful-mcp-local';
import { requestLimits } from '../../../local/src/platform/limits';
import { STACKS } from '../app/names';
import { QUESTIONS } from './index';
import { isAsked } from './question';

const ROOT = path.join(__dirname, '..', '..', '..');
const changes = QUESTIONS.flatMap(question => question.changes);
const fidelity = readFileSync(path.join(ROOT, 'docs/reference/fidelity.md'), 'utf8')
  .split('\n')
  .filter(line => line.startsWith('| '))
  .map(line => line.split('|').map(cell => cell.trim()))
  .map(([, what = '', , , kind = '']) => ({ what, kind }));

/** The list, once more: a question that is taken out of the code is missed here. */
const ASKED = [
  ...['get-and-delete', 'last-event-id', 'accept-header', 'forwarded-headers', 'server-errors', 'http-errors'],
  ...['redirects', 'broken-answers', 'early-answer', 'large-event', 'long-request', 'unsigned-payload'],
  ...['unknown-runtime', 'parallel-calls', 'server-messages', 'who-issues-ids', 'stateless-or-stateful', 'affinity'],
  ...['chosen-ids', 'stop-by-mcp-id', 'transitions', 'modern-routing', 'modern-headers', 'sessions-of-others'],
  ...['session-endpoint', 'bucket-prefix', 'health-probe', 'failed-probes', 'busy-signal', 'idle-stream'],
  ...['idle-get-stream', 'max-lifetime', 'sigterm', 'memory', 'environment', 'launch-command', 'mcp-port'],
  ...['no-credentials', 'resource-metadata', 'wrong-tokens', 'claim-rules', 'token-with-audience'],
  ...['loopback-callback', 'ready-time', 'default-version', 'network-configuration', 'longest-lifetime'],
  ...['endpoint-arn', 'hook-failure', 'failed-update', 'snapshot-probe', 'snapshot-deployment', 'new-members'],
  ...['bucket-mount', 'contract-page', 'probes-page', 'endpoints-page', 'hooks-page', 'newest-packages'],
];
const NOT_ASKED = [
  ...['long-stream', 'stalled-body', 'algorithms-and-skew', 'hosts-of-2026-07-28', 'new-session-rate'],
  ...['service-linked-role', 'prices', 'metric-namespace', 'tracing-in-images', 'gateway-features', 'newer-threads'],
];

test('no question is left out: each has an experiment, or the reason why there is none', () => {
  expect(QUESTIONS.filter(isAsked).map(({ id }) => id)).toEqual(ASKED);
  const without = QUESTIONS.filter(question => !isAsked(question));
  expect(without.map(({ id }) => id)).toEqual(NOT_ASKED);
  for (const { asked } of without) {
    expect(asked).toEqual({ because: expect.stringMatching(/\w{3}/) as string });
  }
  expect(new Set(QUESTIONS.map(({ id }) => id)).size).toBe(QUESTIONS.length);
});

test('each guess of the local runtime belongs to a question', () => {
  const guesses = fidelity.filter(({ kind }) => kind === 'guess').map(({ what }) => what);
  const named = new Set(QUESTIONS.flatMap(({ rows = [] }) => rows));
  expect(guesses.length).toBeGreaterThan(30);
  expect([...named].sort()).toEqual(guesses.sort());
});

test('each setting of the local runtime belongs to a question', () => {
  const named = new Set(changes.filter(change => change.startsWith('settings.')));
  expect([...named].sort()).toEqual(
    Object.keys(PLATFORM_SETTING_VALUES)
      .map(name => `settings.${name}`)
      .sort(),
  );
});

test.each([...new Set(changes)].filter(change => !change.startsWith('settings.')))(
  'what a question would change exists: %s',
  change => {
    const limit = /^limits\.(\w+)$/.exec(change)?.[1];
    expect(limit === undefined ? existsSync(path.join(ROOT, change)) : limit in requestLimits()).toBe(true);
  },
);

test('each experiment is bounded', () => {
  for (const { asked } of QUESTIONS.filter(isAsked)) {
    expect(asked.limitSeconds).toBeGreaterThanOrEqual(60);
    expect(asked.limitSeconds).toBeLessThanOrEqual(20 * 60);
    expect(asked.sessions).toBeLessThanOrEqual(6);
    expect(asked.needs.every(kind => kind in STACKS)).toBe(true);
  }
});
