// What the control plane and CloudFormation do with a runtime.
import { STACKS, type ServerKind, type StackKind } from '../app/names';
import { outcome, toldBy } from '../wire/answer';
import type { Asking } from '../questions/question';
import type { Described } from '../wire/control-plane';

/** A runtime of an experiment: made, looked at, removed. */
async function withRuntime(
  { bed, signal, note }: Asking,
  kind: ServerKind,
  suffix: string,
  changes: object,
  look: (made: Described) => Promise<string> | string,
): Promise<string> {
  const from = await bed.controlPlane.of(kind);
  const { status, body } = await bed.controlPlane.create(from, suffix, changes);
  note(`CreateAgentRuntime: HTTP ${status} ${String(body.message ?? body.status)}`);
  if (status !== 202) {
    return `It is refused: HTTP ${status} ${String(body.message)}`;
  }
  const id = String(body.agentRuntimeId);
  try {
    return await look(await bed.controlPlane.settled(id, signal, note));
  } finally {
    await bed.controlPlane.remove(id);
  }
}

export function readyTime(asking: Asking): Promise<string> {
  const startedAt = Date.now();
  return withRuntime(asking, 'probe', 'ready', {}, ({ status }) => {
    return `A runtime of V1 is ${status} ${Date.now() - startedAt} ms after it was asked for.`;
  });
}

export function platformDefault(asking: Asking): Promise<string> {
  return withRuntime(asking, 'probe', 'default', {}, ({ platformVersion, metadataConfiguration }) => {
    const metadata = JSON.stringify(metadataConfiguration ?? null);
    return `Without a platform version a runtime says ${JSON.stringify(platformVersion ?? null)}; its metadata configuration is ${metadata}.`;
  });
}

export function noNetwork(asking: Asking): Promise<string> {
  return withRuntime(
    asking,
    'probe',
    'nonet',
    { networkConfiguration: undefined },
    ({ status, networkConfiguration }) => {
      return `Without a network configuration it is ${status}, with ${JSON.stringify(networkConfiguration ?? null)}.`;
    },
  );
}

export function longLifetime(asking: Asking): Promise<string> {
  const lifecycleConfiguration = { idleRuntimeSessionTimeout: 900, maxLifetime: 28_801 };
  return withRuntime(asking, 'probe', 'long', { lifecycleConfiguration }, ({ status, failureReason }) => {
    return `A max lifetime of 28801 s on microVMs: it is ${status} ${failureReason ?? ''}`.trim();
  });
}

export async function endpointArn({ bed }: Asking): Promise<string> {
  const { agentRuntimeId } = await bed.controlPlane.of('probe');
  const { body } = await bed.controlPlane.send('GET', `/runtimes/${agentRuntimeId}/runtime-endpoints/DEFAULT/`);
  const segments = String(body.agentRuntimeEndpointArn).split('/');
  return `The ARN of an endpoint has the segment \`${segments.at(-2)}\`, below \`${segments[0]?.split(':').at(-1)}/ID\`.`;
}

/** A hook that answers 404: at creation, and at an update of a version that serves. */
export async function hookFailure(asking: Asking): Promise<string> {
  const from = await asking.bed.controlPlane.of('snapshot');
  const hooksConfiguration = { build: { warmup: { action: { httpPost: { path: '/no-such-hook' } } } } };
  const changes = { platformVersion: 'V2', hooksConfiguration };
  const created = await withRuntime(
    asking,
    'snapshot',
    'hook',
    changes,
    async ({ status, failureReason, agentRuntimeId }) => {
      const streams = await asking.bed.logLines(agentRuntimeId, '');
      for (const { stream, line } of streams.slice(0, 20)) {
        asking.note(`log, ${stream}: ${line.slice(0, 300)}`);
      }
      return `${status}, ${failureReason ?? 'without a reason'}; ${streams.length} lines in its log group`;
    },
  );
  asking.note(`the version before is ${from.agentRuntimeVersion}`);
  return `With a hook that the server has not: ${created}.`;
}

export async function failedUpdate(asking: Asking): Promise<string> {
  const { bed, signal, note } = asking;
  const platform = { platformVersion: 'V2' };
  return withRuntime(asking, 'snapshot', 'update', platform, async made => {
    if (made.status !== 'READY') {
      return `The runtime to update is ${made.status}: ${made.failureReason}`;
    }
    const hooksConfiguration = { build: { warmup: { action: { httpPost: { path: '/no-such-hook' } } } } };
    await bed.controlPlane.update(made, { ...platform, hooksConfiguration });
    const updated = await bed.controlPlane.settled(made.agentRuntimeId, signal, note);
    const { body } = await bed.controlPlane.send('GET', `/runtimes/${made.agentRuntimeId}/runtime-endpoints/DEFAULT/`);
    const server = await asking.at(made.agentRuntimeArn);
    const call = await server.initialize();
    return `After an update that fails the runtime is ${updated.status} at version ${updated.agentRuntimeVersion} (${updated.failureReason ?? 'no reason'}); DEFAULT serves version ${String(body.liveVersion)}, and a session: ${outcome(call)}.`;
  });
}

/** What reached a server on V2 before its first session. */
export async function snapshotProbe(asking: Asking): Promise<string> {
  const server = await asking.server('snapshot');
  const opened = await server.initialize();
  const { requests = [] } = (toldBy(await server.call('list_requests', opened.known)) ?? {}) as {
    requests?: { at: string; method: string; path: string; headers: Record<string, string> }[];
  };
  const first = requests.findIndex(({ headers }) => headers['mcp-session-id'] !== undefined);
  const before = requests.slice(0, first === -1 ? 10 : Math.max(first - 1, 0));
  for (const { at, method, path, headers } of before.slice(0, 20)) {
    asking.note(`${at} ${method} ${path}: ${JSON.stringify(headers)}`);
  }
  const processes = new Set([toldBy(await server.call('describe_process', opened.known))?.process]);
  const second = await server.initialize();
  processes.add(toldBy(await server.call('describe_process', second.known))?.process);
  const kinds = [...new Set(before.map(({ method, path }) => `${method} ${path}`))].join(', then ') || 'nothing';
  return `Before the first request of a session the server got ${kinds}: it is in the snapshot, or was asked of the restored process. Two sessions are ${processes.size} processes.`;
}

async function deploymentOf({ bed }: Asking, stack: StackKind, server: ServerKind, members: string[]): Promise<string> {
  const { failure, milliseconds } = bed.stack(stack);
  if (failure !== undefined) {
    return `CloudFormation does not deploy ${STACKS[stack]}: ${failure}`;
  }
  const made = await bed.controlPlane.of(server);
  const kept = members.map(name => `${name} ${JSON.stringify(made[name] ?? null)}`).join(', ');
  return `CloudFormation deploys it in ${Math.round(milliseconds / 1_000)} s; the runtime has ${kept}.`;
}

export function newMembers(asking: Asking): Promise<string> {
  return deploymentOf(asking, 'members', 'members', ['protocolConfiguration', 'allowedPorts']);
}

export function bucketMount(asking: Asking): Promise<string> {
  return deploymentOf(asking, 'mount', 'mount', ['filesystemConfigurations']);
}

export function snapshotDeployment(asking: Asking): Promise<string> {
  return deploymentOf(asking, 'snapshot', 'snapshot', ['platformVersion', 'hooksConfiguration', 'status']);
}

/** Errors of a server of protocol HTTP. */
export function httpErrors(asking: Asking): Promise<string> {
  const changes = { protocolConfiguration: { serverProtocol: 'HTTP' } };
  return withRuntime(asking, 'obedient', 'http', changes, async ({ agentRuntimeArn }) => {
    const server = await asking.at(agentRuntimeArn);
    const headers = {
      'content-type': 'application/json',
      accept: 'application/json',
      'x-amzn-bedrock-agentcore-runtime-session-id': `integ-${crypto.randomUUID()}`,
    };
    const outcomes: string[] = [];
    for (const status of [404, 500]) {
      const body = JSON.stringify({ id: 1, method: 'obey', params: { status } });
      outcomes.push(`${status} becomes ${outcome(await server.send('POST', { plain: true, headers, body }))}`);
    }
    return `For protocol HTTP, ${outcomes.join('; ')}.`;
  });
}
