import type { ReleaseRecord } from '../../../../lib/private/release/release-check-contract';
import type { Fingerprint } from '../../../../lambda/release-check/version/fingerprint';
import { earlierPass, endpointVersionFor, type Live } from '../../../../lambda/release-check/version/recognition';

// When a version need not be checked, and when the endpoint stays where it is.

const PINNED: Fingerprint = { hash: 'a'.repeat(64), artifact: 'sha256:a', isPinned: true };
const BY_TAG: Fingerprint = { ...PINNED, isPinned: false };
const CHECK = 'c'.repeat(64);
const PASS = {
  verdict: 'pass',
  fingerprint: PINNED.hash,
  checkHash: CHECK,
  version: '2',
} as ReleaseRecord;
const OF_ANOTHER = { ...PASS, fingerprint: 'b'.repeat(64), version: '3' };

test.each<[string, ReleaseRecord | undefined, Fingerprint, string | undefined]>([
  ['the same making and check', PASS, PINNED, '2'],
  ['the same, before the last one', { ...OF_ANOTHER, earlier: [PASS] }, PINNED, '2'],
  ['no record', undefined, PINNED, undefined],
  ['another making', OF_ANOTHER, PINNED, undefined],
  ['another check', { ...PASS, checkHash: 'd'.repeat(64) }, PINNED, undefined],
  ['no verdict', { ...PASS, verdict: 'inconclusive' }, PINNED, undefined],
  ['no verdict now, but before', { ...PASS, verdict: 'inconclusive', version: '3', earlier: [PASS] }, PINNED, '2'],
  ['an artifact that may have changed', PASS, BY_TAG, undefined],
])('a version is known to pass by the record of %s', (_what, record, fingerprint, version) => {
  expect(earlierPass(record, fingerprint, CHECK)?.version).toBe(version);
});

test.each<[string, Fingerprint, Live | undefined, string]>([
  ['one of the same making', PINNED, { version: '2', fingerprint: PINNED }, '2'],
  ['one of another making', PINNED, { version: '2', fingerprint: { ...PINNED, hash: 'b'.repeat(64) } }, '3'],
  ['one of the same tag', BY_TAG, { version: '2', fingerprint: BY_TAG }, '3'],
  ['one that is no more', PINNED, { version: '2', fingerprint: undefined }, '3'],
  ['none', PINNED, undefined, '3'],
])('where the endpoint serves %s, it has to serve version', (_what, fingerprint, live, version) => {
  expect(endpointVersionFor('3', fingerprint, live)).toBe(version);
});
