import { existsSync, statSync } from 'node:fs';
import path from 'node:path';
import type { Construct } from 'constructs';
import { constructError } from '../common/construct-error';
import { foreignBinaries } from '../program/native-binaries';
import { filesBelow, type ProgramFile } from '../program/program-files';

/** Files and folders that travel along with a program, in the places that they have relative to its entry. */
export function assetFiles(scope: Construct, folder: string, assets: readonly string[]): ProgramFile[] {
  const files = assets.flatMap(asset => {
    const source = path.resolve(folder, asset);
    const name = path.relative(folder, source).split(path.sep).join('/');
    const problem = assetProblem(asset, source, name);
    if (problem !== undefined) {
      throw constructError(scope, problem);
    }
    return statSync(source).isDirectory()
      ? filesBelow(source).map(file => ({ ...file, name: `${name}/${file.name}` }))
      : [{ name, source }];
  });
  const problems = foreignBinaries(files).map(
    binary => `\`assets\` bring ${binary}; only binaries for Linux on arm64 are allowed: build it for that platform`,
  );
  if (problems.length > 0) {
    throw constructError(scope, ...problems);
  }
  return files;
}

function assetProblem(asset: string, source: string, name: string): string | undefined {
  if (name === '' || name.startsWith('..') || path.isAbsolute(name)) {
    return `\`assets\` has ${JSON.stringify(asset)}; files and folders below the folder of \`entry\` are allowed, which the server finds by \`__dirname\`: move it there`;
  }
  if (!existsSync(source)) {
    return `\`assets\` has ${JSON.stringify(asset)}, and there is no ${source}: give the path of a file or a folder, relative to the folder of \`entry\``;
  }
  if (
    /^(?:index\.js(?:\.map)?|index\.imported\.js|THIRD-PARTY-NOTICES\.txt|package\.json|node_modules(?:\/.*)?)$/.test(
      name,
    )
  ) {
    return `\`assets\` has ${JSON.stringify(asset)}, whose place is taken by the bundle: rename it`;
  }
  return undefined;
}
