import type { LocalRuntime, LocalRuntimeOptions } from 'stateful-mcp-local';
import { newRuntime, type Described } from '../running';

// The credentials and the region of this machine are not those of the tests.
const parent = { ...process.env };
beforeAll(() => {
  for (const name of Object.keys(process.env)) {
    if (name.startsWith('AWS_')) {
      Reflect.deleteProperty(process.env, name);
    }
  }
});
afterAll(() => {
  Object.assign(process.env, parent);
});

/** A local runtime that is ready to serve an assembly. */
export async function startAssembly(
  assembly: string,
  options: Partial<LocalRuntimeOptions> = {},
): Promise<LocalRuntime> {
  const runtime = newRuntime({ assembly, ...options });
  await runtime.ready;
  return runtime;
}

/** What the server of a runtime says of itself. */
export async function describedBy(runtime: LocalRuntime, name = 'my_mcp'): Promise<Described> {
  const response = await runtime.fetch(new Request(`http://localhost/${name}/mcp`, { method: 'POST', body: '{}' }));
  return ((await response.json()) as { result: Described }).result;
}
