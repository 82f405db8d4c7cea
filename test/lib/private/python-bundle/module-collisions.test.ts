import { moduleCollisions } from '../../../../lib/private/python-bundle/module-collisions';

const files = (contents: Record<string, string>) =>
  Object.entries(contents).map(([name, text]) => ({ name, contents: Buffer.from(text) }));

const PKGUTIL = "__path__ = __import__('pkgutil').extend_path(__path__, __name__)\n";

test.each<[string, Record<string, string>, Record<string, string>, string[]]>([
  ['a namespace', { 'acme/a/__init__.py': '' }, { 'acme/b/__init__.py': '' }, []],
  ['a namespace in a namespace', { 'acme/x/a.py': '' }, { 'acme/x/b.py': '', 'acme/y.py': '' }, []],
  ['the same module in a namespace', { 'acme/x.py': '' }, { 'acme/x/__init__.py': '' }, ['acme/x']],
  [
    'a declared namespace',
    { 'acme/__init__.py': PKGUTIL, 'acme/a.py': '' },
    { 'acme/__init__.py': PKGUTIL, 'acme/b.py': '' },
    [],
  ],
  ['two packages', { 'acme/__init__.py': '', 'acme/a.py': '' }, { 'acme/__init__.py': '', 'acme/b.py': '' }, ['acme']],
  ['a package and a namespace', { 'acme/__init__.py': '' }, { 'acme/b.py': '' }, ['acme']],
  ['a module and a package', { 'acme.py': '' }, { 'acme/__init__.py': '' }, ['acme']],
  ['a module and a namespace', { 'acme.py': '' }, { 'acme/b.py': '' }, ['acme']],
  ['scripts', { 'bin/run': '' }, { 'bin/run': '' }, []],
  ['nothing', { 'main.py': '' }, { 'acme/b.py': '' }, []],
])('%s', (_case, sources, dependencies, collisions) => {
  expect(moduleCollisions(files(sources), files(dependencies))).toEqual(collisions);
});
