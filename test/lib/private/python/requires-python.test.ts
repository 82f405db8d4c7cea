import path from 'node:path';
import { admitsPython, requiresPythonProblems } from '../../../../lib/private/python/requires-python';
import { project, removeProjects } from '../../fixtures/projects';

afterEach(removeProjects);

test.each([
  ['>=3.11', true],
  ['>=3.11,<3.14', true],
  ['>=3.11, < 3.13', false],
  ['~=3.11', true],
  ['~=3.12.1', false],
  ['~=3.13.2', true],
  ['==3.13.*', true],
  ['==3.12.*', false],
  ['!=3.13.*', false],
  ['!=3.13.1', true],
  ['>3.13', true],
  ['<=3.12', false],
  ['>=3.13.4', true],
  ['==3.13.2', true],
  ['<4', true],
  ['>=3.14', false],
  ['>=3.13.0rc1', true],
  ['', true],
  ['of an unknown kind', true],
])('%s on Python 3.13: %s', (specifiers, admitted) => {
  expect(admitsPython(specifiers, '3.13')).toBe(admitted);
});

test.each([
  ['pyproject.toml', '[project]\nrequires-python = ">=3.11,<3.13"\n'],
  ['METADATA', 'Metadata-Version: 2.4\nName: app\nRequires-Python: >=3.11,<3.13\r\n'],
])('what %s says about the version of Python is said of the project', (name, text) => {
  const file = path.join(project({ [name]: text }), name);
  expect(
    requiresPythonProblems(
      [
        { file, project: '/app' },
        { file, project: '/app' },
      ],
      '3.13',
      ['3.10', '3.12'],
    ),
  ).toEqual([
    'the server runs on Python 3.13, and `requires-python` in /app is ">=3.11,<3.13": choose `AgentCoreRuntime.PYTHON_3_12`, or widen it',
  ]);
  expect(requiresPythonProblems([{ file }], '3.12', ['3.12'])).toEqual([]);
});
