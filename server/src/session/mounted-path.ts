import path from 'node:path';
import { MOUNTS_VARIABLE } from 'stateful-mcp-contract';

/**
 * Where a path below `/mnt` is in this process: itself on AgentCore Runtime. The local runtime cannot mount without
 * root, and names a directory for each file system of a session in `STATEFUL_MCP_MOUNTS`.
 * @param file - an absolute path, such as `/mnt/notes/today.txt`
 */
export function mountedPath(file: string, mounts: string | undefined = process.env[MOUNTS_VARIABLE]): string {
  const normal = path.posix.normalize(file);
  for (const [mountPath, directory] of Object.entries(mountsOf(mounts))) {
    const mount = mountPath.replace(/\/$/, '');
    if (normal === mount || normal.startsWith(`${mount}/`)) {
      return path.join(directory, normal.slice(mount.length));
    }
  }
  return file;
}

function mountsOf(text: string | undefined): Readonly<Record<string, string>> {
  try {
    return text ? (JSON.parse(text) as Record<string, string>) : {};
  } catch {
    return {};
  }
}
