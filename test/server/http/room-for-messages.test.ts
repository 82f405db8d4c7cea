import { HttpFace, type LegacyEra } from '../../../server/src/http/http-face';
import { OpenCalls } from '../../../server/src/http/open-calls';
import { JSON_HEADERS, URL_OF_KIT } from '../kit';

const LARGEST = 100;
const LIST = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' });

/** An era whose messages have to wait for room, and what was asked of it. */
function openFace(handle: LegacyEra['handle'] = () => Promise.resolve(new Response(null, { status: 202 }))) {
  const events: (string | number)[] = [];
  const era: LegacyEra = {
    count: 0,
    admit: (_request, bytes) => {
      events.push(bytes);
      return Promise.resolve(() => void events.push('left'));
    },
    handle: (...message) => {
      events.push('handled');
      return handle(...message);
    },
    close: () => Promise.resolve(),
  };
  const face = new HttpFace(new OpenCalls(), era, era, () => Promise.resolve(new Response()), {
    maxRequestBodySize: LARGEST,
    logLevel: 'silent',
  });
  return { events, face };
}

const posted = (headers: Record<string, string>, body = LIST): Request =>
  new Request(URL_OF_KIT, { method: 'POST', headers: { ...JSON_HEADERS, ...headers }, body });

test.each<[string, Record<string, string>, (string | number)[]]>([
  ['its size', { 'content-length': String(LIST.length) }, [LIST.length, 'handled', 'left']],
  ['the largest one that may come, when it tells none', {}, [LARGEST, 'handled', 'left']],
  ['no more than the largest one, which is refused', { 'content-length': '1000' }, [LARGEST, 'left']],
])('until it is answered, a message takes the room of %s', async (_size, headers, expected) => {
  const { face, events } = openFace();
  await face.fetch(posted(headers));
  expect(events).toEqual(expected);
});

test('a message that is refused or fails leaves its room', async () => {
  const { face, events } = openFace(() => Promise.reject(new Error('it broke')));
  expect((await face.fetch(posted({}))).status).toBe(500);
  expect((await face.fetch(posted({}, '{'))).status).toBe(400);
  expect(events).toEqual([LARGEST, 'handled', 'left', LARGEST, 'left']);
});

test.each(['GET', 'DELETE'])('%s brings no message', async method => {
  const { face, events } = openFace();
  await face.fetch(new Request(URL_OF_KIT, { method, headers: JSON_HEADERS }));
  expect(events).toEqual(['handled']);
});
