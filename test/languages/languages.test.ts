// One app in five languages: each gives the same template.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ROOT } from '../../scripts/release/published-packages';
import { isInstalled, LANGUAGES, Workshop } from './synthesis';

let directory: string;
let workshop: Workshop;

beforeAll(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'languages-'));
  const packages = path.join(directory, 'packages');
  const targets = LANGUAGES.flatMap(language => ['--target', language]);
  const pacmak = path.join(ROOT, 'node_modules', '.bin', 'jsii-pacmak');
  execFileSync(pacmak, [...targets, '--code-only', '--outdir', packages], { cwd: ROOT, stdio: 'pipe' });
  workshop = new Workshop(packages, directory);
});

afterAll(() => rmSync(directory, { recursive: true, force: true }));

test('each language has a package', () => {
  expect(readdirSync(workshop.packages).sort()).toEqual([...LANGUAGES].sort());
});

const here = LANGUAGES.filter(isInstalled);
test.each(here)('the app in %s gives the template of TypeScript', language => {
  // The app in Go takes the newest version of the CDK, the others the lowest that is supported.
  const expected = workshop.reference(language === 'go' ? 'aws-cdk-lib-latest' : 'aws-cdk-lib');
  expect(workshop.template(language)).toEqual(expected);
});

const missing = LANGUAGES.filter(language => !here.includes(language));
if (missing.length > 0) {
  console.warn(`Left out, because its toolchain is not installed: ${missing.join(', ')}`);
}
