import { readFileSync } from 'node:fs';
import path from 'node:path';
import { platformSettings } from '../../local/src/platform/platform-settings';

const read = (file: string): string => readFileSync(path.join(__dirname, '../..', file), 'utf8');
const documentation = read('docs/reference/local-runtime.md');

test('every setting of the platform is documented with its default first', () => {
  for (const [setting, value] of Object.entries(platformSettings())) {
    expect(documentation).toContain(`| \`settings.${setting}\` | \`${value}\``);
  }
});

test('a setting or a value that does not exist is refused', () => {
  expect(() => platformSettings({ affinity: 'other' } as never)).toThrow('must be');
  expect(() => platformSettings({ other: 'other' } as never)).toThrow('is not a setting');
});
