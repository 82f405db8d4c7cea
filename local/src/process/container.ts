import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import type { Writable } from 'node:stream';
import { LocalRuntimeError } from '../common/errors';
import { DEFAULT_PORTS, type RuntimeDefinition } from '../model/runtime-definition';
import { findProgram } from '../machine/search-path';
import type { SessionResources } from '../platform/session-resources';

const ENGINES = ['podman', 'docker'];

/**
 * Of this machine and the engine; in a container they would name something else, or nothing. Those of its runtime are
 * for the container, and must not reach the engine.
 */
const OF_THIS_MACHINE =
  /^(PATH|HOME|TMPDIR|HOST|PORT|AWS_(CONFIG|SHARED_CREDENTIALS|WEB_IDENTITY_TOKEN)_FILE|(CONTAINERS?|DOCKER|LD|XDG)_.*)$/;

/** A program with its environment. */
export interface ContainerCommand {
  readonly command: readonly [string, ...string[]];
  readonly environment: Readonly<Record<string, string>>;
}

/** The program that runs containers here: Podman, or else Docker. */
export function containerEngine(runtimeName: string): string {
  const found = ENGINES.find(engine => findProgram(engine) !== undefined);
  if (found === undefined) {
    throw new LocalRuntimeError(
      'ERR_NO_CONTAINER_ENGINE',
      `runtime \`${runtimeName}\`: its \`image\` needs ${ENGINES.join(' or ')}, and there is neither on the PATH: install one, or give a \`command\` instead`,
    );
  }
  return found;
}

/** What of a runtime does not reach a container here, for the log. */
export function containerNotes({
  features,
  tablesEndpoint,
}: Pick<RuntimeDefinition, 'features' | 'tablesEndpoint'>): string[] {
  return [
    ...(features.sessionStorage === undefined && features.bucketMounts.length === 0
      ? []
      : ['runs without its session storage and mounted buckets: nothing is mounted into a container here']),
    ...(features.platformVersion === 'V2'
      ? ['runs without the snapshot mode of platform version V2, which is for commands']
      : []),
    ...(tablesEndpoint === undefined
      ? []
      : [
          'its container cannot reach the embedded DynamoDB server, which listens on loopback alone; give it an AWS_ENDPOINT_URL_DYNAMODB of your own',
        ]),
  ];
}

const GUARD = `
if read -r _; then pauses=0; else pauses='0 1 4'; fi
for pause in $pauses; do
  sleep $pause
  "$0" kill "$1"
  "$0" rm --force "$1"
done
`;

/** One container of an image, which ends with this program whatever ends it. */
export class Container {
  public readonly start: ContainerCommand;
  private readonly name = `stateful-mcp-${randomUUID()}`;
  private readonly guard: ChildProcess;
  private readonly guardInput: Writable | undefined;
  private readonly removed: Promise<unknown>;

  /**
   * @param environment - what a process of the runtime would get
   * @param limits - arguments that limit what it uses
   */
  public constructor(
    { command: [engine], environment: ownEnvironment, features }: RuntimeDefinition,
    image: string,
    port: number,
    environment: Readonly<Record<string, string>>,
    limits: readonly string[],
  ) {
    const passed = Object.entries(environment).filter(([name]) => !OF_THIS_MACHINE.test(name));
    const own = Object.entries(ownEnvironment).filter(([name]) => OF_THIS_MACHINE.test(name));
    const variables = [...passed.map(([name]) => name), ...own.map(entry => entry.join('='))];
    this.start = {
      command: [
        engine,
        'run',
        '--rm',
        '--name',
        this.name,
        '--publish',
        `127.0.0.1:${port}:${features.port ?? DEFAULT_PORTS[features.protocol]}`,
        ...limits,
        ...variables.flatMap(variable => ['--env', variable]),
        image,
      ],
      // The engine takes the values from here, where other users of this machine do not see them. It has settings of
      // its own in the environment of this program.
      environment: { ...(process.env as Record<string, string>), ...Object.fromEntries(passed) },
    };
    // The engine's own process is not the container. When this program ends, however it ends, the pipe closes and the
    // shell removes the container; one that the engine is still making is there a little later.
    this.guard = spawn('/bin/sh', ['-c', GUARD, engine, this.name], {
      detached: true,
      env: this.start.environment,
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    this.removed = new Promise(resolve => {
      this.guard.once('exit', resolve).once('error', resolve);
    });
    this.guard.unref();
    // Undefined when this program has too many files open to start one.
    this.guardInput = this.guard.stdin as Writable | undefined;
    this.guardInput?.on('error', () => {});
  }

  /** Removes the container, whatever it does. */
  public async remove(): Promise<void> {
    this.guard.ref();
    this.guardInput?.end('once\n');
    await this.removed;
  }
}

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
  const info = spawnSync(engine, ['info', '--format', QUESTIONS[engine] ?? ''], {
    encoding: 'utf8',
    env: process.env,
    stdio: ['ignore', 'pipe', 'ignore'],
    timeout: 10_000,
  });
  // Null where it could not be started, which the start of a container says.
  return ((info.stdout as string | null) ?? '').split(/\s/);
}
