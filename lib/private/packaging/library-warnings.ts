import { Annotations } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { ProgramFile } from '../program/program-files';
import { missedLibraries } from '../program/system-libraries';

/**
 * Warns of what has the right platform and would not be loaded there, which the machine of a developer does not show.
 *
 * @param lack - where the libraries are not, as the end of a clause
 * @param remedy - beside another package
 */
export function warnOfLibraries(scope: Construct, files: readonly ProgramFile[], lack: string, remedy: string): void {
  const missed = missedLibraries(files);
  const [first, ...others] = missed;
  if (first === undefined) {
    return;
  }
  const libraries = [...new Set(missed.flatMap(each => each.libraries))].sort();
  Annotations.of(scope).addWarningV2(
    'cdk-stateful-mcp:systemLibraries',
    `${first.file.name}${others.length === 0 ? ' needs' : ` and ${others.length} more need`} ${libraries.join(', ')}, which the bundle does not have, ${lack}: ` +
      `what imports them fails. Use a package that does without (opencv-python-headless in place of opencv-python), or ${remedy}`,
  );
}
