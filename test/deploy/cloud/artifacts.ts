import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { LocalArtifact } from 'stateful-mcp-local';

/** Where the code of an artifact is after MiniStack has unpacked it, which is only known when it has. */
export function unpackedArtifacts(code: string): Record<string, LocalArtifact> {
  return new Proxy<Record<string, LocalArtifact>>(
    {},
    {
      get: (_target, uri) =>
        typeof uri === 'string' ? (zipArtifact(code, uri) ?? imageArtifact(code, uri)) : undefined,
    },
  );
}

function zipArtifact(code: string, uri: string): LocalArtifact | undefined {
  return uri.startsWith('s3://') ? { directory: path.join(code, uri.slice('s3://'.length)) } : undefined;
}

/** The program of an image and its files, by the configuration that umoci has made of the image's; Node.js is this one. */
function imageArtifact(code: string, uri: string): LocalArtifact | undefined {
  const bundle = path.join(code, 'images', uri.split('@')[1] ?? '');
  const configuration = path.join(bundle, 'config.json');
  if (!existsSync(configuration)) {
    return undefined;
  }
  const { process: program } = JSON.parse(readFileSync(configuration, 'utf8')) as {
    readonly process: { readonly args: readonly string[]; readonly cwd: string };
  };
  const [interpreter = '', ...parameters] = program.args;
  return {
    directory: path.join(bundle, 'rootfs', program.cwd),
    command: [interpreter === 'node' ? process.execPath : interpreter, ...parameters],
  };
}
