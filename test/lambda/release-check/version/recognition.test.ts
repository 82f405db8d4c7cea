import type { ReleaseRecord } from '../../../../lib/private/release/release-check-contract';
import type { Fingerprint } from '../../../../lambda/release-check/version/fingerprint';
import {
  earlierPass,
  endpointVersionFor,
  wayBack,
  type Live,
} from '../../../../lambda/release-check/version/recognition';

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

const SERVED = { ...PASS, promotedVersion: '2' };
const LEFT = { version: '3', endpointName: 'live', checkHash: CHECK };
const LEFT_UNSERVED = { ...SERVED, earlier: [OF_ANOTHER] };
const LEFT_SERVED = { ...SERVED, earlier: [{ ...OF_ANOTHER, promotedVersion: '3' }] };

test.each<[string, ReleaseRecord | undefined, Fingerprint, object | undefined, string | undefined]>([
  ['what did not serve, to what did', LEFT_UNSERVED, PINNED, LEFT, '2'],
  ['what served by another check alone', LEFT_SERVED, PINNED, { ...LEFT, checkHash: 'd'.repeat(64) }, '2'],
  ['another version than what served', LEFT_SERVED, PINNED, { ...LEFT, version: '4' }, '2'],
  ['what served well', LEFT_SERVED, PINNED, LEFT, undefined],
  ['what served well, itself', SERVED, PINNED, { ...LEFT, version: '2' }, undefined],
  ['another endpoint', LEFT_UNSERVED, PINNED, { ...LEFT, endpointName: 'other' }, undefined],
  ['nothing', LEFT_UNSERVED, PINNED, undefined, undefined],
  ['what did not serve, to what was never served', { ...PASS, earlier: [OF_ANOTHER] }, PINNED, LEFT, undefined],
  ['what did not serve, to another making', { ...OF_ANOTHER, promotedVersion: '2' }, PINNED, LEFT, undefined],
  ['what did not serve, to an artifact that may have changed', LEFT_UNSERVED, BY_TAG, LEFT, undefined],
  ['what did not serve, without a record', undefined, PINNED, LEFT, undefined],
])('the way back from %s', (_what, record, fingerprint, before, version) => {
  const request = { checkHash: CHECK, endpointName: 'live', before: before as typeof LEFT | undefined };
  expect(wayBack(record, fingerprint, request)?.version).toBe(version);
});
