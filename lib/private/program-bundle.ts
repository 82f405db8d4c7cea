/** The entry of every bundled program, relative to the root of the bundle. */
export const PROGRAM_ENTRY = 'index.js';

/** A Node.js program in as few files as possible. */
export interface ProgramBundle {
  /** The folder of the project that the program was made from. */
  readonly projectRoot: string;

  /** What the bundle holds; empty when the stack is not being bundled. */
  readonly files: readonly ProgramFile[];
}

export interface ProgramFile {
  readonly name: string;
  readonly contents: Uint8Array;
}
