// The API of the constructs in the other languages, `docs/api/LANGUAGE.md`; Rosetta translates the examples. After
// `npm run build`.
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = path.join(root, 'docs', 'api');
mkdirSync(folder, { recursive: true });
for (const language of ['python', 'java', 'go', 'csharp']) {
  const file = path.join(folder, `${language}.md`);
  execFileSync('npx', ['jsii-docgen', '--language', language, '--output', file], { cwd: root, stdio: 'inherit' });
  console.log(path.relative(root, file));
}
