import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { correctRecords, recordedFiles } from '../../../../lib/private/python/python-records';
import { project, removeProjects } from '../../fixtures/projects';

afterEach(removeProjects);

test('changed files are recorded as they are, files that stay behind are not, and all others are left as they were', () => {
  const script = Buffer.from('import greet\n');
  const digest = createHash('sha256').update(script).digest('base64url');
  const folder = project({
    'greet-1.0.0.dist-info/RECORD':
      '../../bin/greet,sha256=abc,10\nbin/other,sha256=def,20\ngreet-1.0.0.dist-info/direct_url.json,sha256=ghi,30\ngreet-1.0.0.dist-info/RECORD,,\n',
    'other-1.0.0.dist-info/METADATA': '',
  });
  correctRecords(folder, new Map([['bin/greet', script]]), name => name.endsWith('/direct_url.json'));
  expect(readFileSync(path.join(folder, 'greet-1.0.0.dist-info/RECORD'), 'utf8')).toBe(
    `../../bin/greet,sha256=${digest},${script.length}\nbin/other,sha256=def,20\ngreet-1.0.0.dist-info/RECORD,,\n`,
  );
});

test('names with commas in them are whole, and stay in quotation marks', () => {
  const data = Buffer.from('new');
  const digest = createHash('sha256').update(data).digest('base64url');
  const folder = project({
    'greet-1.0.0.dist-info/RECORD': '"greet/a,b.txt",sha256=abc,10\ngreet/c.txt,,\n"greet/d,e.txt",,\n',
  });
  const record = path.join(folder, 'greet-1.0.0.dist-info/RECORD');
  expect(recordedFiles(record)).toEqual(['greet/a,b.txt', 'greet/c.txt', 'greet/d,e.txt', '']);
  correctRecords(folder, new Map([['greet/a,b.txt', data]]), name => name === 'greet/d,e.txt');
  expect(readFileSync(record, 'utf8')).toBe(`"greet/a,b.txt",sha256=${digest},3\ngreet/c.txt,,\n`);
});
