import { mkdtempSync } from 'node:fs';
import { lstat, mkdir, readdir } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { copyDirectory, makeReadOnly, removeDirectory } from './directory-copy';

/**
 * Copies of the code of an assembly, outside of the project and read-only. A module that the bundle lacks is not found
 * in a directory above it, and what a server writes beside itself does not become part of what is deployed.
 */
export class CodeCopies {
  /** By the directory and what is in it. */
  private readonly copies = new Map<string, Promise<string>>();
  private root: string | undefined;

  private readonly removeAtExit = (): void => {
    this.close();
  };

  /**
   * The copy of a directory, which is made once.
   *
   * @param adapt - changes the copy before it becomes read-only
   */
  public async of(directory: string, adapt: (copy: string) => Promise<void> = async () => {}): Promise<string> {
    const key = `${directory} ${await stateOf(directory)}`;
    const copy = this.copies.get(key) ?? this.copy(directory, adapt);
    this.copies.set(key, copy);
    // One that has failed is tried again when the assembly is read again.
    copy.catch(() => {
      this.copies.delete(key);
    });
    return copy;
  }

  public close(): void {
    process.off('exit', this.removeAtExit);
    if (this.root !== undefined) {
      removeDirectory(this.root);
    }
    this.root = undefined;
    this.copies.clear();
  }

  private async copy(directory: string, adapt: (copy: string) => Promise<void>): Promise<string> {
    if (this.root === undefined) {
      this.root = mkdtempSync(path.join(os.tmpdir(), 'stateful-mcp-code-'));
      process.once('exit', this.removeAtExit);
    }
    const above = path.join(this.root, String(this.copies.size));
    // Its name says what is in it.
    const copy = path.join(above, path.basename(directory));
    await mkdir(above, { recursive: true });
    await copyDirectory(directory, copy);
    await adapt(copy);
    await makeReadOnly(copy);
    return copy;
  }
}

/** Changes with each change of a file. Most directories of an assembly are named by their content, but not all. */
async function stateOf(directory: string): Promise<string> {
  let [files, bytes, latest] = [0, 0, 0];
  for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
    const { size, mtimeMs } = await lstat(path.join(entry.parentPath, entry.name));
    files++;
    bytes += size;
    latest = Math.max(latest, mtimeMs);
  }
  return `${files} ${bytes} ${latest}`;
}
