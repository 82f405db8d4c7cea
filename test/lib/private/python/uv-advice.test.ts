import { withAdvice } from '../../../../lib/private/python/uv-advice';

// What uv 0.4 to 0.13 says.
test.each([
  ["error: unexpected argument '--format' found", /^uv 0\.6\.15 or later is needed/],
  ["error: invalid value 'pylock.toml' for '--format <FORMAT>'", /^uv 0\.6\.15 or later is needed/],
  ['error: Required uv version `>=0.99` does not match the running version `0.13.9`.', /uv self update/],
  ['  cause: HTTP status client error (401 Unauthorized) for url (https://a.example/a.whl)', /UV_INDEX_NAME_PASSWORD/],
  [
    'hint: An index URL (https://a.example/) could not be queried due to a lack of valid authentication credentials (403 Forbidden)',
    /netrc/,
  ],
  [
    '  cause: error sending request for url (https://a.example/simple/idna/)\n  cause: dns error',
    /let this machine reach/,
  ],
  ['hint: Packages were unavailable because the network was disabled.', /let this machine reach/],
  ['error: No interpreter found for Python 3.14 in managed installations or search path', /uv python install/],
  [
    'error: Failed to download `https://a.example/20251031/cpython-3.9.25%2B20251031-install_only.tar.gz`\n  cause: error sending request for url (…)',
    /uv python install/,
  ],
  ['cause: Because the requested Python version (>=3.11) does not satisfy Python>=3.12', /`interpreter`/],
  ['Because a==1 has no wheels with a matching Python ABI tag (e.g., `cp313`)', /^choose .*`interpreter`/],
  ['error: The target environment is not supported by the lockfile', /`environments` .*run "uv lock"$/],
  [
    "Package `pycups` can't be installed because it is marked as `--no-build` but has no binary distribution",
    /^what has no wheel/,
  ],
  [
    'Because pywin32>=307 has no wheels with a matching platform tag (e.g., `manylinux_2_28_aarch64`)',
    /^what has no wheel/,
  ],
  ['  error: Failed to build `pycups==2.0.4`\n  cause: The build backend returned an error', /^what has no wheel/],
  [
    '  error: The build backend returned an error\n  cause: Call to `prepare_metadata_for_build_wheel` failed',
    /poetry export/,
  ],
  ['error: Distribution not found at: file:///home/me/wheels/greet-1.0.0-py3-none-any.whl', /^correct it$/],
  ['Because greeet was not found in the package registry', /^correct it$/],
])('%j is advised on', (said, advice) => {
  expect(withAdvice(said, 'correct it').slice(said.length + 1)).toMatch(advice);
});

test('what uv says of itself is left out', () => {
  const noise =
    '  warning: The `--pylock` option is experimental\n  Using CPython 3.11.7\n  Resolved 1 package in 3ms\n';
  expect(withAdvice(`uv ended with code 1:\n${noise}  error: Hash mismatch`, 'correct it')).toBe(
    'uv ended with code 1:\n  error: Hash mismatch\ncorrect it',
  );
});
