import { readFileSync } from 'node:fs';
import path from 'node:path';
import { machineBoundScripts, makeScriptsPortable } from '../../../../lib/private/python/python-scripts';
import { project, removeProjects } from '../../fixtures/projects';

afterEach(removeProjects);

test.each([
  '#!/home/me/.venv/bin/python\n',
  '#!/usr/bin/python3.13\n',
  '#! /opt/python/bin/python3 -E\n',
  "#!/bin/sh\n'''exec' \"/Users/some one/.venv/bin/python3\" \"$0\" \"$@\"\n' '''\n",
])('a script that begins with %j looks for its interpreter', interpreter => {
  const folder = project({ 'bin/greet': `${interpreter}# -*- coding: utf-8 -*-\nimport greet\n` });
  const changed = makeScriptsPortable(folder);
  const script = readFileSync(path.join(folder, 'bin/greet'));
  expect(script.toString()).toBe('#!/usr/bin/env python3\n# -*- coding: utf-8 -*-\nimport greet\n');
  expect([...changed]).toEqual([['bin/greet', script]]);
});

test.each(['#!/bin/sh\necho hello\n', '#!/usr/bin/perl\n', '\x7fELF\x02', 'import greet\n'])(
  'what begins with %j is left as it is',
  text => {
    const folder = project({ 'bin/greet': text });
    expect(makeScriptsPortable(folder).size).toBe(0);
    expect(readFileSync(path.join(folder, 'bin/greet'), 'utf8')).toBe(text);
  },
);

test('packages without scripts are left as they are', () => {
  const folder = project({ 'greet-1.0.0.dist-info/METADATA': '' });
  expect(makeScriptsPortable(folder).size).toBe(0);
});

test('interpreters of this machine alone are found', () => {
  const scripts = {
    mine: '#!/home/me/.venv/bin/python\n',
    spaced: '#! /opt/python/bin/python3 -E\n',
    env: '#!/usr/bin/env python3\n',
    shell: '#!/bin/sh\n',
    local: '#!/usr/local/bin/python3\n',
    none: 'print(1)\n',
    empty: '',
  };
  const files = Object.entries(scripts).map(([name, text]) => ({ name, contents: Buffer.from(text) }));
  expect(machineBoundScripts(files)).toEqual(['mine (/home/me/.venv/bin/python)', 'spaced (/opt/python/bin/python3)']);
});
