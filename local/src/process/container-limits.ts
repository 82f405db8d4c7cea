import { spawnSync } from 'node:child_process';
import type { SessionResources } from '../platform/session-resources';

/** How a container is limited. */
export interface ContainerLimits {
  /** Of `run`. */
  readonly arguments: readonly string[];
  /** What cannot be limited here, for the log. */
  readonly notes: readonly string[];
}

/**
 * What an engine can limit depends on the control groups that it was given: without root, not everywhere all of them.
 */
export function containerLimits(engine: string, resources: SessionResources | undefined): ContainerLimits {
  if (!resources) {
    return { arguments: [], notes: [] };
  }
  const controllers = controllersOf(engine);
  const limits = [
    { controller: 'cpu', argument: `--cpus=${resources.vcpus}`, what: `all processors instead of ${resources.vcpus}` },
    {
      controller: 'memory',
      argument: `--memory=${resources.memoryBytes}b`,
      what: `all memory instead of ${resources.memoryBytes} bytes`,
    },
  ];
  const isPossible = ({ controller }: { readonly controller: string }): boolean => controllers.includes(controller);
  return {
    arguments: limits.filter(isPossible).map(({ argument }) => argument),
    notes: limits
      .filter(limit => !isPossible(limit))
      .map(
        ({ controller, what }) =>
          `its containers may use ${what}: ${engine} has no control group for ${controller} here`,
      ),
  };
}

/** Podman says which controllers it has, Docker what it can limit by them. */
const QUESTIONS: Readonly<Record<string, string>> = {
  podman: '{{range .Host.CgroupControllers}}{{.}} {{end}}',
  docker: '{{if .CPUCfsQuota}}cpu {{end}}{{if .MemoryLimit}}memory{{end}}',
};

function controllersOf(engine: string): readonly string[] {
  const { stdout } = spawnSync(engine, ['info', '--format', QUESTIONS[engine] ?? ''], {
    encoding: 'utf8',
    env: process.env,
    stdio: ['ignore', 'pipe', 'ignore'],
    timeout: 10_000,
  });
  return stdout.trim().split(/\s+/);
}
