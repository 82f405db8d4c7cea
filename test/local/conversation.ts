import path from 'node:path';
import { buildSync } from 'esbuild';

/** Bundles fixtures/conversation-server.ts into a folder, as `index.js`, and gives the file. */
export function bundleConversationServer(folder: string): string {
  const root = path.join(__dirname, '../..');
  const outfile = path.join(folder, 'index.js');
  buildSync({
    absWorkingDir: root,
    entryPoints: ['test/local/fixtures/conversation-server.ts'],
    outfile,
    bundle: true,
    minify: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    alias: { 'stateful-mcp-server': path.join(root, 'server/src/index.ts') },
    logLevel: 'silent',
  });
  return outfile;
}
