import { contentsOf } from '../../../../lib/private/program/program-files';
import { withoutStandardModules } from '../../../../lib/private/python-bundle/standard-library';

/** What is left of files of one installed package. */
function left(names: readonly string[], version = '3.13'): string[] {
  return withoutStandardModules(
    names.map(name => ({ name, contents: Buffer.of() })),
    version,
  ).map(({ name }) => name);
}

test.each([
  ['asyncio', ['asyncio/__init__.py', 'asyncio/events.py']],
  ['argparse', ['argparse.py']],
  ['configparser', ['configparser.py', 'backports/configparser/__init__.py']],
  ['array', ['array.cpython-313-aarch64-linux-gnu.so']],
  ['futures', ['concurrent/__init__.py', 'concurrent/futures/__init__.py']],
  ['multiprocessing', ['multiprocessing/__init__.py', 'multiprocessing/notes.txt']],
])('what Python has itself stays behind: %s', (_, names) => {
  expect(left(names)).toEqual(names.filter(name => name.startsWith('backports/')));
});

test.each([
  ['a module of another name', ['typing_extensions.py', 'asyncio_mqtt/__init__.py', 'uuid6/__init__.py']],
  ['one below a package', ['greet/asyncio.py', 'greet/typing/__init__.py']],
  ['a folder that is no package', ['http/templates/index.html', 'resource/names.txt']],
  ['what only Windows has', ['winreg.py', 'msvcrt/__init__.py']],
  ['metadata and programs', ['asyncio-3.4.3.dist-info/METADATA', 'bin/trace']],
])('%s stays', (_, names) => {
  expect(left(names)).toEqual(names);
});

test.each([
  ['tomllib/__init__.py', '3.10', '3.11'],
  ['annotationlib.py', '3.13', '3.14'],
])('%s stays for Python %s, and not for %s, which has it', (name, before, since) => {
  expect([left([name], before), left([name], since)]).toEqual([[name], []]);
});

test.each([
  ['asyncore/__init__.py', '3.11', '3.12'],
  ['telnetlib/__init__.py', '3.12', '3.13'],
  ['cgi.py', '3.12', '3.14'],
])('%s stays behind for Python %s, and not for %s, which has it no more', (name, before, since) => {
  expect([left([name], before), left([name], since)]).toEqual([[], [name]]);
});

test('the list of what was installed does not name it', () => {
  const record = Buffer.from('typing.py,,\ntyping-3.7.dist-info/RECORD,,\n');
  const [kept, ...others] = withoutStandardModules(
    [
      { name: 'typing.py', contents: Buffer.of() },
      { name: 'typing-3.7.dist-info/RECORD', contents: record },
    ],
    '3.13',
  );
  expect(others).toEqual([]);
  expect(kept && Buffer.from(contentsOf(kept)).toString()).toBe('typing-3.7.dist-info/RECORD,,\n');
});
