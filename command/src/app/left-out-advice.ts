import path from 'node:path';
import type { LeftOutRuntime } from 'stateful-mcp-local';

/** How to run what an app deploys and this machine cannot, by this command: from its source, or in a container. */
export function leftOutAdvice(runtime: LeftOutRuntime): string | undefined {
  const { code, protocol, source } = runtime;
  if (code === 'image') {
    return 'run it by itself: `stateful-mcp dev --image IMAGE`, or from its source: `stateful-mcp dev -- COMMAND…`';
  }
  if (code === 'protocol') {
    return protocol === 'HTTP' ? 'run it by itself: `stateful-mcp dev --protocol http -- COMMAND…`' : undefined;
  }
  const command = sourceCommand(runtime);
  if (command === undefined || source === undefined) {
    return 'run it from its source, with what is installed here: `stateful-mcp dev -- COMMAND…`';
  }
  return `run it from its source, with what is installed here: \`cd ${source.projectRoot} && stateful-mcp dev -- ${command}\``;
}

/** What starts the source of a bundle in the folder of its project. */
function sourceCommand({ command: [program, ...args] = [], source }: LeftOutRuntime): string | undefined {
  if (program?.startsWith('python')) {
    return [program, ...args].join(' ');
  }
  const entry = (source?.esbuildOptions?.entryPoints as readonly string[] | undefined)?.[0];
  if (entry === undefined || source === undefined) {
    return undefined;
  }
  return `${/\.[cm]?tsx?$/.test(entry) ? 'npx tsx' : 'node'} ${path.relative(source.projectRoot, entry)}`;
}
