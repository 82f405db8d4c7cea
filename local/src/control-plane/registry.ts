import { randomBytes } from 'node:crypto';
import { localRegion, runtimeArn, UNKNOWN_ACCOUNT } from '../model/runtime-definition';
import type { RuntimeSet } from '../runtime/runtime-set';
import { type ServedRuntime } from '../runtime/served-runtime';
import type { ManagedEndpoint, ManagedRuntime, ManagedVersion, Status } from './managed-runtime';
import { notFound } from './operation';

/** The runtimes that the control plane knows: those it has made, and those of the cloud assembly and of definitions. */
export class Registry {
  private readonly managed: ManagedRuntime[] = [];

  /** @param served - every runtime that the data plane serves */
  public constructor(
    private readonly served: RuntimeSet,
    private readonly now: () => Date,
  ) {}

  public get runtimes(): readonly ManagedRuntime[] {
    for (const served of this.served.all) {
      if (!this.managed.some(runtime => runtime.served === served)) {
        this.managed.push(this.adopt(served));
      }
    }
    return this.managed;
  }

  /** The runtime that the data plane serves so. */
  public of(served: ServedRuntime): ManagedRuntime {
    return this.runtimes.find(runtime => runtime.served === served) as ManagedRuntime;
  }

  /** @throws PlatformException ResourceNotFoundException */
  public find(id: string): ManagedRuntime {
    const runtime = this.runtimes.find(candidate => candidate.id === id);
    if (!runtime) {
      throw notFound('Agent', id);
    }
    return runtime;
  }

  /** Makes a runtime that no version serves yet. */
  public register(name: string): ManagedRuntime {
    const id = `${name}-${randomLetters()}`;
    const createdAt = this.now();
    const arn = runtimeArn(id, { partition: 'aws', region: localRegion(), account: UNKNOWN_ACCOUNT });
    const runtime: ManagedRuntime = {
      name,
      id,
      arn,
      createdAt,
      versions: [],
      lastVersion: 0,
      endpoints: new Map(),
      status: 'CREATING',
      lastUpdatedAt: createdAt,
      served: undefined,
    };
    this.managed.push(runtime);
    return runtime;
  }

  /** The first version of a runtime is served: its requests reach it from now on. */
  public connect(runtime: ManagedRuntime, served: ServedRuntime): void {
    runtime.served = served;
    this.served.register(served);
  }

  public remove(runtime: ManagedRuntime): void {
    this.managed.splice(this.managed.indexOf(runtime), 1);
    if (runtime.served) {
      this.served.remove(runtime.served);
    }
  }

  private adopt(served: ServedRuntime): ManagedRuntime {
    const { definition } = served;
    const createdAt = this.now();
    const version: ManagedVersion = {
      version: '1',
      request: undefined,
      definition,
      createdAt,
      status: 'READY',
      failureReason: undefined,
    };
    const endpoints = served
      .endpointsAtOnce(definition)
      .map(name => [name, { ...newEndpoint(name, '1', 'READY', createdAt), liveVersion: '1' }] as const);
    return {
      name: definition.name,
      id: definition.arn.split('/')[1] ?? definition.name,
      arn: definition.arn,
      createdAt,
      lastUpdatedAt: createdAt,
      versions: [version],
      lastVersion: 1,
      endpoints: new Map(endpoints),
      status: 'READY',
      served,
    };
  }
}

export function newEndpoint(name: string, targetVersion: string, status: Status, now: Date): ManagedEndpoint {
  return {
    name,
    targetVersion,
    status,
    createdAt: now,
    lastUpdatedAt: now,
    liveVersion: undefined,
    description: undefined,
  };
}

function randomLetters(): string {
  return BigInt(`0x${randomBytes(16).toString('hex')}`)
    .toString(36)
    .padStart(10, '0')
    .slice(-10);
}
