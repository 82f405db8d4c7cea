import { nearestWord } from '../../../command/src/common/nearest-word';

test.each([
  ['tlak', 'talk'],
  ['tal', 'talk'],
  ['TALK', 'talk'],
  ['generate_reprot', 'generate_report'],
  ['generate', 'generate_report'],
  ['q', undefined],
  ['unrelated', undefined],
])('finds for %s: %s', (typed, word) => {
  expect(nearestWord(typed, ['talk', 'call', 'generate_report'])).toBe(word);
});
