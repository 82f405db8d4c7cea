import type { RuntimeSource } from '../model/runtime-definition';

/** A runtime of the assembly that cannot run here and is not served. */
export interface LeftOutRuntime {
  readonly name: string;
  readonly arn: string;
  /**
   * What is in the way:
   *
   * - `binary`: its code brings a binary that is not made for this machine
   * - `image`: it is a container image of which the assembly holds no program
   * - `artifact`: its code is no directory of the assembly, or in a language without an interpreter here
   * - `protocol`: it is no MCP server
   */
  readonly code: 'binary' | 'image' | 'artifact' | 'protocol';
  /** The same in words that follow its name, such as `is a container image`. */
  readonly message: string;
  /** Its `serverProtocol`, such as `MCP`. */
  readonly protocol: string;
  /** What starts it in the directory of its code, where that is known. */
  readonly command: readonly string[] | undefined;
  /** What its code was bundled from, when the assembly says so. */
  readonly source: RuntimeSource | undefined;
}

/** Thrown where the code of a runtime turns out not to run here. */
export class UnsupportedArtifact extends Error {
  public constructor(
    public readonly code: LeftOutRuntime['code'],
    message: string,
    public readonly command?: readonly string[],
  ) {
    super(message);
  }
}

/** What the library itself advises: a definition takes the place of what cannot run. */
export function adviseDefinition({ name, code, protocol: spoken }: LeftOutRuntime): string | undefined {
  if (code === 'protocol' && spoken !== 'HTTP') {
    return undefined;
  }
  const protocol = code === 'protocol' ? "protocol: 'HTTP', " : '';
  return `say how to start it here: \`runtimes: [{ name: '${name}', ${protocol}command: [...] }]\``;
}
