import type { LocalRuntimeDefinition } from 'stateful-mcp-local';
import { runtimeResource, writeAssembly } from '../assembly';
import { newRuntime, sessionServer } from '../running';

const assemblyWith = (properties: object): string =>
  writeAssembly({ Stack: { template: { Resources: { Server: runtimeResource(properties) } } } });

async function refusalOf(properties: object): Promise<string> {
  const runtime = newRuntime({ assembly: assemblyWith(properties) });
  return runtime.ready.then(
    () => 'was taken',
    (error: unknown) => `${(error as { code: string }).code}: ${(error as Error).message}`,
  );
}

const hook = (path: string, port?: number): object => ({
  HooksConfiguration: { Build: { Warmup: { Action: { HttpPost: { Path: path, Port: port } } } } },
});
const protocol = (more: object): object => ({ ProtocolConfiguration: { ServerProtocol: 'MCP', ...more } });

test.each<[string, object, string]>([
  ['a port below 8000', protocol({ Port: 7999 }), 'protocolConfiguration.port: must be from 8000 to 12000'],
  ['the port of the platform', protocol({ Port: 8443 }), 'protocolConfiguration.port: '],
  ['a path with a query', protocol({ Path: '/mcp?a' }), 'protocolConfiguration.path: '],
  ['an allowed port of the platform', { AllowedPorts: [{ Port: 8443 }] }, 'allowedPorts: must be from 8000'],
  ['one out of range', { AllowedPorts: [{ Port: 80 }] }, 'allowedPorts: must be from 8000 to 12000'],
  [
    'a range around that of the platform',
    { AllowedPorts: [{ PortRange: { From: 8400, To: 8500 } }] },
    'got 8400 to 8500',
  ],
  [
    'ranges that overlap',
    { AllowedPorts: [{ PortRange: { From: 9000, To: 9010 } }, { Port: 9010 }] },
    'allowedPorts: must not overlap, got 9010 twice',
  ],
  [
    'six ports',
    { AllowedPorts: [9000, 9001, 9002, 9003, 9004, 9005].map(Port => ({ Port })) },
    'allowedPorts: at most 5 entries are allowed, got 6',
  ],
  ['a hook without V2', hook('/warmup'), 'hooksConfiguration: lifecycle hooks need platformVersion V2'],
  [
    'a hook at the path of MCP',
    { PlatformVersion: 'V2', ...hook('/mcp') },
    'hooksConfiguration: the path of a hook must differ',
  ],
  [
    'a hook on a port of the platform',
    { PlatformVersion: 'V2', ...hook('/warmup', 8443) },
    'hooksConfiguration: the port of a hook must be from 8000 to 12000',
  ],
  [
    'a hook at /ping',
    { PlatformVersion: 'V2', ...hook('/ping') },
    'hooksConfiguration: the path of a hook must differ',
  ],
  [
    'two resource configurations',
    { ResourceConfigurations: [{ MinimumMemoryInMiB: 1 }, { MinimumMemoryInMiB: 2 }] },
    'resourceConfigurations: at most 1 entry is allowed, got 2',
  ],
])('a template with %s is refused as AgentCore refuses it', async (_case, properties, problem) => {
  const refusal = await refusalOf(properties);
  expect(refusal).toContain('ERR_INVALID_OPTION: runtime `');
  expect(refusal).toContain(`AgentCore Runtime would refuse `);
  expect(refusal).toContain(problem);
});

test.each<[string, Partial<LocalRuntimeDefinition>]>([
  ['allowedPorts: ', { allowedPorts: [9000, 9000] }],
  ['protocolConfiguration.port: ', { port: 80 }],
  ['protocolConfiguration.path: ', { path: 'mcp' }],
])('a definition is held to the same: %s', (problem, definition) => {
  expect(() => newRuntime({ runtimes: [sessionServer(definition)] })).toThrow(problem);
});

test.each([['9000'], [{ from: 9000 }], [{ from: 9000, to: '9001' }], [null]])(
  'allowed ports that are %j are refused',
  port => {
    expect(() => newRuntime({ runtimes: [sessionServer({ allowedPorts: [port as never] })] })).toThrow('allowedPorts');
  },
);
