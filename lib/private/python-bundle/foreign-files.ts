import path from 'node:path';
import { Annotations } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { binaryPlatform, isForOtherSystem, withoutForeign } from '../program/native-binaries';
import type { ProgramFile } from '../program/program-files';
import { isRecord, linesOfRecord, recordedFile, withoutFiles } from '../python/python-records';

/**
 * Leaves out what installed packages bring for other platforms: where they bring the same for Linux on arm64, and where
 * a package has binaries for several platforms, none of which is this one. It looks then for the one that it can start,
 * and finds as much as it does on any Linux on arm64; a warning names it.
 *
 * What is for one other platform alone stays, to be refused.
 */
export function withoutForeignFiles(scope: Construct, files: readonly ProgramFile[]): ProgramFile[] {
  const leftOut = new Set<string>();
  for (const members of packagesIn(files)) {
    const kept = new Set(withoutForeign(members));
    members.filter(file => !kept.has(file)).forEach(file => leftOut.add(file.name));
    const foreign = [...kept].flatMap(file => {
      const platform = binaryPlatform(file);
      return platform === undefined || platform === 'Linux on arm64' ? [] : [{ file, platform }];
    });
    const platforms = new Set(foreign.map(({ platform }) => platform));
    const forOthers = [...kept].filter(isForOtherSystem).map(({ name }) => path.posix.extname(name));
    if (foreign.length > 0 && platforms.size + new Set(forOthers).size > 1) {
      foreign.forEach(({ file }) => leftOut.add(file.name));
      Annotations.of(scope).addWarningV2(
        'cdk-stateful-mcp:foreignBinaries',
        `${foreign.map(({ file, platform }) => `${file.name} (${platform})`).join(', ')} stay behind; a dependency brings them for other platforms, and none for Linux on arm64: ` +
          'try what needs them before users do, and acknowledge this if the server can do without',
      );
    }
  }
  return withoutFiles(files, leftOut);
}

/** The files of each package, by the list that its installer has written. */
function packagesIn(files: readonly ProgramFile[]): ProgramFile[][] {
  const byName = new Map(files.map(file => [file.name, file]));
  return files
    .filter(isRecord)
    .map(record => linesOfRecord(record).flatMap(line => byName.get(recordedFile(line)) ?? []));
}
