import { IssuedIds } from '../../../local/src/session/issued-ids';
import { RuntimeSessionIds } from '../../../local/src/request/runtime-session-ids';
import type { Session } from '../../../local/src/session/session';

const [session, other] = [{}, {}] as [Session, Session];

test('a caller who asks again and again does not make the ids of others be forgotten', () => {
  const ids = new IssuedIds();
  ids.remember('of another', { session, identity: 'another' });
  ids.remember('of nobody', { session, identity: undefined });
  for (let request = 0; request < 3000; request++) {
    ids.remember(`of one ${request}`, { session, identity: 'one' });
  }
  expect(ids.get('of another')).toEqual({ session, identity: 'another' });
  expect(ids.get('of nobody')).toBeDefined();
  expect([ids.get('of one 2999'), ids.get('of one 0')]).toEqual([{ session, identity: 'one' }, undefined]);
});

test('the ids of a session are forgotten with it', () => {
  const ids = new IssuedIds();
  ids.remember('a', { session, identity: 'one' });
  ids.remember('b', { session: other, identity: 'one' });
  ids.forget(session);
  expect([ids.get('a'), ids.get('b')]).toEqual([undefined, { session: other, identity: 'one' }]);
});

test('one id is forgotten, the others of its session stay', () => {
  const ids = new IssuedIds();
  ids.remember('a', { session, identity: 'one' });
  ids.remember('b', { session, identity: 'one' });
  ids.delete('a');
  expect([ids.get('a'), ids.get('b')]).toEqual([undefined, { session, identity: 'one' }]);
});

test('a caller of a process that several share keeps its id while another sends more and more', () => {
  const ids = new RuntimeSessionIds();
  ids.remember('of another', 'another');
  for (let request = 0; request < 100; request++) {
    ids.remember(`of one ${request}`, 'one');
  }
  // Whoever says it next does not become its owner.
  ids.remember('of another', 'one');
  expect([ids.callerOf('of another'), ids.has('of one 99'), ids.has('of one 0')]).toEqual(['another', true, false]);
});
