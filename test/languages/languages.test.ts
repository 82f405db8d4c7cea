// One app in five languages: each gives the same template.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ROOT } from '../../scripts/release/published-packages';
import { Examples } from './examples';
import { isInstalled, LANGUAGES, programOf, Workshop } from './synthesis';

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

describe('the examples of the documentation', () => {
  let examples: Examples;
  let expected: Record<string, unknown>;

  beforeAll(() => {
    examples = Examples.translated(path.join(directory, 'examples.tabl.json'));
    expected = workshop.examples('typescript', examples);
  });

  test('are those of the README and of docstrings', () => {
    expect(examples.names.join(' ')).toContain('Readme');
    expect(examples.names.join(' ')).toContain('McpAuth');
  });

  // What Rosetta makes of them for Go does not compile, of any package.
  const languages = (['python', 'java', 'dotnet'] as const).filter(isInstalled);
  test.each(languages)('give the same templates when they are translated to %s', language => {
    expect(workshop.examples(language, examples)).toEqual(expected);
  });
});

const missing = LANGUAGES.filter(language => !here.includes(language));
if (missing.length > 0) {
  // On a build server nobody would see that a language is left out.
  const leftOut = process.env.CI ? test : test.skip;
  leftOut.each(missing)('the app in %s gives the template of TypeScript', language => {
    throw new Error(`No ${programOf(language)} here: install it, or run without CI to leave the language out`);
  });
}
