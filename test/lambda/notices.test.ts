import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { buildSync } from 'esbuild';

const ROOT = path.join(__dirname, '..', '..');

test.each([
  ['image-assembler', 'index.ts', []],
  ['release-check', 'run.ts', ['@aws-sdk/client-cloudformation', '@napi-rs/keyring', '@opentelemetry/api']],
])('the published function %s has the notices of all packages in it', (asset, entry, external) => {
  const { metafile } = buildSync({
    absWorkingDir: ROOT,
    bundle: true,
    platform: 'node',
    mainFields: ['module', 'main'],
    entryPoints: [`lambda/${asset}/${entry}`],
    external,
    outfile: 'index.js',
    write: false,
    metafile: true,
  });
  const packages = new Set(
    Object.keys(metafile.inputs).flatMap(file => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0] ?? []),
  );
  const notices = readFileSync(path.join(ROOT, 'assets', asset, 'THIRD-PARTY-NOTICES.txt'), 'utf8');
  expect(packages.size).toBeGreaterThan(20);
  for (const folder of packages) {
    const { name, version, license } = JSON.parse(
      readFileSync(path.join(ROOT, folder, 'package.json'), 'utf8'),
    ) as Record<string, string>;
    expect(notices).toContain(`\n${name} ${version}: ${license}`);
    for (const file of readdirSync(path.join(ROOT, folder)).filter(found => /^(?:licen[sc]e|notice)/i.test(found))) {
      expect(notices).toContain(`\n${name} ${version}: ${file}\n`);
      expect(notices).toContain(
        readFileSync(path.join(ROOT, folder, file), 'utf8')
          .replaceAll('\r\n', '\n')
          .replace(/^\n+/, '')
          .trimEnd(),
      );
    }
  }
  expect(notices).not.toContain(ROOT);
});
