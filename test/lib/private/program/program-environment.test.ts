import { programEnvironment } from '../../../../lib/private/program/program-environment';

test.each([
  ['nothing', {}, {}, {}],
  ['what the user says, in place of what the code needs', { A: '1', B: '1' }, { A: '2' }, { A: '2', B: '1' }],
  ['the flags of the code', { NODE_OPTIONS: '--a' }, {}, { NODE_OPTIONS: '--a' }],
  ['the flags of the user', {}, { NODE_OPTIONS: '--b' }, { NODE_OPTIONS: '--b' }],
  ['both, those of the user last', { NODE_OPTIONS: '--a' }, { NODE_OPTIONS: '--b' }, { NODE_OPTIONS: '--a --b' }],
  ['no empty flags', { NODE_OPTIONS: '--a' }, { NODE_OPTIONS: '' }, { NODE_OPTIONS: '--a' }],
])('an environment has %s', (_what, code, user, together) => {
  expect(programEnvironment(code, user)).toEqual(together);
});
