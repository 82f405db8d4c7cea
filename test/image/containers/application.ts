import { createHash } from 'node:crypto';
import { appendFileSync, cpSync, readFileSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { Template } from 'aws-cdk-lib/assertions';
import { ZipFile } from 'yazl';
import { McpServerCode, type TypeScriptCodeOptions } from '../../../lib';
import type { ImageAssemblyProperties } from '../../../lib/private/image/image-assembly-contract';
import { filesBelow } from '../../../lib/private/program/program-files';
import { bundled, project, removeProjects, synthesized, type Synthesized } from '../../lib/fixtures/projects';

const root = path.join(__dirname, '../../..');

export interface Application {
  readonly archive: Buffer;
  readonly contentHash: string;
}

/** Zips files as the CDK zips an asset. */
export async function zipped(
  files: Readonly<Record<string, string | Buffer>>,
  mtime = new Date('1980-01-01T00:00:00Z'),
  mode = 0o100_644,
): Promise<Application> {
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

/** The expense tracker as the construct of the demo bundles it, with a line of code more where there is one. */
export function bundledExpenseTracker(lineMore = ''): Record<string, Buffer> {
  const copy = project({});
  cpSync(path.join(root, 'samples/expense-tracker'), copy, { recursive: true });
  symlinkSync(path.join(root, 'node_modules'), path.join(copy, 'node_modules'));
  appendFileSync(path.join(copy, 'server.ts'), lineMore);
  return bundledFiles(path.join(copy, 'server.ts'), { mainFields: ['module', 'main'] });
}

/** The files of a server, as the construct bundles it. */
export function bundledFiles(entry: string, options: TypeScriptCodeOptions): Record<string, Buffer> {
  return filesOf(bundled(entry, options));
}

/** A Python server without dependencies, as the construct bundles it, and as it has it started. */
export function bundledPython(
  directory: string,
): { files: Record<string, Buffer> } & Required<Pick<ImageAssemblyProperties, 'entrypoint' | 'environment'>> {
  const synthesis = synthesized(McpServerCode.fromPython(directory));
  const [assembly] = Object.values(Template.fromStack(synthesis.stack).findResources('Custom::ImageAssembly')) as {
    Properties: ImageAssemblyProperties;
  }[];
  const { entrypoint = [], environment = {} } = assembly?.Properties ?? {};
  return { files: filesOf(synthesis), entrypoint, environment };
}

function filesOf({ folder }: Synthesized): Record<string, Buffer> {
  const files = Object.fromEntries(filesBelow(folder).map(({ name }) => [name, readFileSync(path.join(folder, name))]));
  removeProjects();
  return files;
}
