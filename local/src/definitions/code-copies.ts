import { mkdtempSync } from 'node:fs';
import { lstat, mkdir, readdir } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { copyFolder, makeReadOnly, removeFolder } from '../machine/folder-copy';

/**
 * Copies of the code of an assembly, outside of the project and read-only: a module that the bundle lacks is not found
 * in a folder above it, and what a server writes beside itself does not become part of what is deployed.
 */
export class CodeCopies {
  /** By the folder and what is in it. */
  private readonly copies = new Map<string, Promise<string>>();
  private root: string | undefined;

  private readonly removeAtExit = (): void => {
    this.close();
  };

  /**
   * The copy of a folder, which is made once.
   *
   * @param adapt - changes the copy before it becomes read-only
   */
  public async of(folder: string, adapt: (copy: string) => Promise<void> = async () => {}): Promise<string> {
    const key = `${folder} ${await stateOf(folder)}`;
    const copy = this.copies.get(key) ?? this.copy(folder, adapt);
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
      removeFolder(this.root);
    }
    this.root = undefined;
    this.copies.clear();
  }

  private async copy(folder: string, adapt: (copy: string) => Promise<void>): Promise<string> {
    if (this.root === undefined) {
      this.root = mkdtempSync(path.join(os.tmpdir(), 'stateful-mcp-code-'));
      process.once('exit', this.removeAtExit);
    }
    const above = path.join(this.root, String(this.copies.size));
    // Its name says what is in it.
    const copy = path.join(above, path.basename(folder));
    await mkdir(above, { recursive: true });
    await copyFolder(folder, copy);
    await adapt(copy);
    await makeReadOnly(copy);
    return copy;
  }
}

/** Changes with each change of a file. Most folders of an assembly are named by their content, but not all. */
async function stateOf(folder: string): Promise<string> {
  let [files, bytes, latest] = [0, 0, 0];
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const { size, mtimeMs } = await lstat(path.join(entry.parentPath, entry.name));
    files++;
    bytes += size;
    latest = Math.max(latest, mtimeMs);
  }
  return `${files} ${bytes} ${latest}`;
}
