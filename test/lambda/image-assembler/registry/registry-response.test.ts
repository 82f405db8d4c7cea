import { TransientFailure } from '../../../../lambda/common/retry';
import { DOCKER, OCI } from '../../../../lambda/image-assembler/common/media-types';
import {
  failureOf,
  isTransient,
  kindOf,
  mediaTypeOf,
  transientFailureOf,
  type RegistryResponse,
} from '../../../../lambda/image-assembler/registry/registry-response';

function responseWith(change: Partial<Omit<RegistryResponse, 'body'>> & { readonly body?: string }): RegistryResponse {
  return {
    request: 'GET https://registry.test/v2/a/manifests/1',
    url: new URL('https://registry.test/v2/a/manifests/1'),
    status: 400,
    headers: {},
    discard: () => undefined,
    ...change,
    body: Buffer.from(change.body ?? ''),
  };
}

test.each([
  [undefined, 'unavailable'],
  [400, 'refused'],
  [401, 'denied'],
  [403, 'denied'],
  [404, 'not-found'],
  [405, 'refused'],
  [408, 'unavailable'],
  [409, 'refused'],
  [429, 'rate-limited'],
  [499, 'refused'],
  [500, 'unavailable'],
  [501, 'unavailable'],
  [599, 'unavailable'],
])('status %s is about what is %s', (status, kind) => {
  expect(kindOf(status)).toBe(kind);
});

test.each([408, 429, 500, 502, 503, 504, 599])('status %s may pass', status => {
  expect(isTransient(status)).toBe(true);
});

test.each([200, 307, 400, 401, 403, 404, 407, 409, 416, 428, 430, 499, 501])('status %s stays', status => {
  expect(isTransient(status)).toBe(false);
});

test.each<[string, string, string]>([
  ['nothing', '', ''],
  ['spaces', ' \n', ''],
  ['words', ' go away\n', ': go away'],
  ['many words', 'x'.repeat(201), `: ${'x'.repeat(200)}`],
  ['an error', '{"errors":[{"code":"DENIED","message":"no"}]}', ': DENIED no'],
  ['an error without words', '{"errors":[{"code":"DENIED"}]}', ': DENIED'],
  ['errors', '{"errors":[{"code":"A","message":"a"},{"code":"B","message":"b"}]}', ': A a, B b'],
  [
    'an error without a code, as of Artifactory',
    '{"errors":[{"status":403,"message":"Bad credentials"}]}',
    ': Bad credentials',
  ],
  ['an error with a map', '{"errors":[{"code":"A","message":{"b":1}}]}', ': A'],
  ['errors of nothing', '{"errors":[{},{}]}', ': {"errors":[{},{}]}'],
  ['an error for each layer', JSON.stringify({ errors: Array(60).fill({ code: 'A', message: 'a' }) }), ': A a'],
  [
    'an error for each layer, by its name',
    JSON.stringify({
      errors: Array.from({ length: 60 }, (_, at) => ({ code: 'A', message: `${'x'.repeat(96)}${at + 10}` })),
    }),
    `: ${Array.from({ length: 60 }, (_, at) => `A ${'x'.repeat(96)}${at + 10}`)
      .join(', ')
      .slice(0, 1000)}`,
  ],
  ['a page', '<html>\n  <body>\r\n\tno</body>\n</html>\n', ': <html> <body> no</body> </html>'],
  ['other JSON', '{"message":"no"}', ': {"message":"no"}'],
  ['null', 'null', ': null'],
])('what a registry says is told: %s', (_what, body, said) => {
  const message = `GET https://registry.test/v2/a/manifests/1 was answered with status 403${said}`;
  expect(failureOf(responseWith({ status: 403, body }))).toEqual({ kind: 'denied', message });
});

test('a failure that may pass tells the status, what was said, and how long to wait', () => {
  const failure = transientFailureOf(responseWith({ status: 429, headers: { 'retry-after': '3' }, body: 'slow down' }));
  expect(failure).toBeInstanceOf(TransientFailure);
  expect(failure).toMatchObject({
    status: 429,
    retryAfterMs: 3000,
    message: expect.stringMatching(/with status 429: slow down$/) as string,
  });
});

test.each<[string | undefined, string, string]>([
  ...[OCI, DOCKER].flatMap(({ index, manifest }) =>
    [index, manifest].map((type): [string, string, string] => [type, '{"mediaType":"other"}', type]),
  ),
  [`${OCI.index} ; charset=utf-8`, '', OCI.index],
  ['application/json', `{"mediaType":"${OCI.manifest}"}`, OCI.manifest],
  ['application/json', '{}', 'application/json'],
  ['text/html; charset=utf-8', '<html>', 'text/html'],
  [undefined, `{"mediaType":"${DOCKER.manifest}"}`, DOCKER.manifest],
  [undefined, '{}', ''],
  [undefined, '{"config":{},"layers":[]}', OCI.manifest],
  ['application/json', '{"schemaVersion":2,"manifests":[]}', OCI.index],
  ['application/json', '{"schemaVersion":1,"fsLayers":[]}', 'application/json'],
  ['application/json', '{"config":{}}', 'application/json'],
  [undefined, 'null', ''],
  [undefined, '<html>', ''],
])('the type of a manifest of %s: %s', (declared, body, type) => {
  expect(mediaTypeOf(responseWith({ headers: { 'content-type': declared }, body }))).toBe(type);
});
