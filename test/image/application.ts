import { createHash } from 'node:crypto';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { buildSync } from 'esbuild';
import { ZipFile } from 'yazl';

const root = path.join(__dirname, '../..');

export interface Application {
  readonly archive: Buffer;
  readonly contentHash: string;
}

/** Zips files as the CDK zips an asset. */
export async function zipped(files: Readonly<Record<string, string | Buffer>>, mtime = new Date('1980-01-01T00:00:00Z'), mode = 0o100_644): Promise<Application> {
  const zip = new ZipFile();
  const contentHash = createHash('sha256');
  for (const [name, content] of Object.entries(files)) {
    zip.addBuffer(Buffer.from(content), name, { mtime, mode });
  }
  for (const [name, content] of Object.entries(files).sort(([left], [right]) => (left < right ? -1 : 1))) {
    contentHash.update(`${name}\0`).update(content);
  }
  zip.end();
  return { archive: await buffer(zip.outputStream), contentHash: contentHash.digest('hex') };
}

/** The expense tracker as one file, with a line of code more where there is one. */
export function bundledExpenseTracker(lineMore = ''): Record<string, string> {
  const { outputFiles } = buildSync({
    absWorkingDir: root,
    entryPoints: ['samples/expense-tracker/server.ts'],
    bundle: true,
    minify: true,
    platform: 'node',
    target: 'node22',
    format: 'cjs',
    mainFields: ['module', 'main'],
    footer: { js: lineMore },
    write: false,
    alias: { 'stateful-mcp-server': path.join(root, 'server/src/index.ts') },
  });
  return { 'index.js': outputFiles[0]?.text ?? '' };
}
