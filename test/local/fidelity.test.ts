import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { platformSettings } from '../../local/src/platform/platform-settings';
import { quotasOf, requestLimits } from '../../local/src/platform/limits';
import { sessionResources } from '../../local/src/platform/session-resources';

const document = readFileSync(path.join(__dirname, '../../docs/reference/fidelity.md'), 'utf8');
const options = ['options.ts', 'definitions/command-definition.ts']
  .map(file => readFileSync(path.join(__dirname, '../../local/src', file), 'utf8'))
  .join('\n');
const rows = document
  .split('\n')
  .filter(line => line.startsWith('| ') && !line.startsWith('| What'))
  .map(line => {
    const [what = '', service = '', here = '', kind = '', source = '', setting = '', proof = ''] = line
      .slice(1)
      .split('|')
      .map(cell => cell.trim());
    return { what, service, here, kind, source, setting: setting.replace(/`/g, ''), proof };
  });

const groups: Readonly<Record<string, object>> = {
  settings: platformSettings(),
  limits: requestLimits(),
  quotas: quotasOf(),
  resources: sessionResources() ?? {},
};

test('the table has rows, each with a kind of its own', () => {
  expect(rows.length).toBeGreaterThan(60);
  expect(new Set(rows.map(({ kind }) => kind))).toEqual(new Set(['documented', 'observed', 'guess', 'different']));
  expect(new Set(rows.map(({ what }) => what)).size).toBe(rows.length);
});

test.each(rows.filter(({ proof }) => proof !== 'none'))('the proof exists: $what', ({ proof }) => {
  const [, file = '', title = ''] = /^`([\w/-]+\.test\.ts)`: (.+)$/.exec(proof) ?? [];
  const source = path.join(__dirname, file);
  expect(existsSync(source)).toBe(true);
  const texts = [...readFileSync(source, 'utf8').matchAll(/'((?:[^'\\\n]|\\.)*)'|"([^"\n]*)"/g)];
  const titles = texts.map(([, single, double = '']) => single?.replace(/\\'/g, "'") ?? double).join('\n');
  expect(titles).toContain(title);
});

test('what has no proof is said to be different or a guess', () => {
  for (const { kind, proof } of rows) {
    if (proof === 'none') {
      expect(['different', 'guess']).toContain(kind);
    }
  }
});

test('each setting exists', () => {
  for (const { setting } of rows.filter(row => row.setting !== '')) {
    const [group = '', name] = setting.split('.');
    if (name === undefined) {
      expect(options).toMatch(new RegExp(`readonly ${group}\\?:`));
    } else {
      expect(groups[group]).toHaveProperty(name);
    }
  }
});

test('each setting of the platform has a row', () => {
  const named = new Set(rows.map(({ setting }) => setting));
  for (const [group, values] of Object.entries(groups)) {
    for (const name of Object.keys(values)) {
      expect(named).toContain(`${group}.${name}`);
    }
  }
});
