import type { FileHandle } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import { ZipFile } from 'yazl';
import { temporaryFile } from '../../../lambda/image-assembler/layer/temporary-file';

export interface ZipOptions {
  readonly mtime?: Date;
  readonly mode?: number;
  readonly compress?: boolean;
}

/** A zip archive of files, and of folders, whose names end in a slash, in the order given. */
export async function zipOf(
  files: Readonly<Record<string, string | Buffer>>,
  options: ZipOptions = {},
): Promise<Buffer> {
  const { mtime = new Date(0), mode = 0o100_644, compress = true } = options;
  const zip = new ZipFile();
  for (const [name, content] of Object.entries(files)) {
    if (name.endsWith('/')) {
      zip.addEmptyDirectory(name, { mtime });
    } else {
      zip.addBuffer(Buffer.from(content), name, { mtime, mode, compress });
    }
  }
  zip.end();
  return buffer(zip.outputStream);
}

const open: FileHandle[] = [];

/** A file with some content, until `closeFiles`. */
export async function fileOf(content: Buffer): Promise<FileHandle> {
  const file = await temporaryFile();
  open.push(file);
  await file.appendFile(content);
  return file;
}

export async function closeFiles(): Promise<void> {
  for (const file of open.splice(0)) {
    await file.close();
  }
}
