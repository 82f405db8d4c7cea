import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** Tags of wheels that are for one machine: what is published for many Linux systems is `manylinux` or `musllinux`. */
const ONE_MACHINE = /-(?:linux_|macosx_|win)/;

/**
 * Installed packages that were built from sources for this machine, each with its wheel's tag: what is not pure Python
 * does not run elsewhere.
 *
 * @see https://packaging.python.org/en/latest/specifications/binary-distribution-format/
 */
export function packagesOfThisMachine(folder: string): string[] {
  return readdirSync(folder)
    .filter(entry => entry.endsWith('.dist-info') && existsSync(path.join(folder, entry, 'WHEEL')))
    .flatMap(entry => {
      const [, tag = ''] = /^Tag: (.+?)\r?$/m.exec(readFileSync(path.join(folder, entry, 'WHEEL'), 'utf8')) ?? [];
      // uv notes what it has built.
      const built = ONE_MACHINE.test(tag) || existsSync(path.join(folder, entry, 'uv_build.json'));
      return built && !tag.endsWith('-none-any')
        ? [`${entry.replace(/\.dist-info$/, '').replace('-', ' ')} (${tag})`]
        : [];
    });
}
