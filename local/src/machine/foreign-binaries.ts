import { closeSync, openSync, readdirSync, readSync } from 'node:fs';
import path from 'node:path';

const BINARY = /\.(?:node|so(?:\.\d+)*)$/;

/** https://refspecs.linuxfoundation.org/elf/gabi4+/ch4.eheader.html */
const HEADER_LENGTH = 20;
const MACHINE_OFFSET = 18;
const MACHINES: Readonly<Record<number, string>> = { 62: 'x64', 183: 'arm64' };

export interface ForeignBinary {
  /** Relative to the directory. */
  readonly file: string;
  readonly platform: string;
}

/**
 * The first binary for Linux in a directory that this machine cannot load; undefined when there is none.
 *
 * What is packaged for AgentCore holds binaries for Linux on arm64, and an interpreter finds them before those of this
 * machine.
 */
export function foreignBinary(directory: string): ForeignBinary | undefined {
  for (const binary of binaries(directory, isForeign)) {
    return binary;
  }
  return undefined;
}

/** All of them. */
export function foreignBinaries(directory: string): ForeignBinary[] {
  return [...binaries(directory, isForeign)];
}

const isForeign = (machine: string): boolean => process.platform !== 'linux' || machine !== process.arch;

/**
 * The first binary for Linux in a directory that is not made for the processor of AgentCore; undefined when there is none.
 */
export function binaryForOtherThanArm64(directory: string): ForeignBinary | undefined {
  for (const binary of binaries(directory, machine => machine !== 'arm64')) {
    return binary;
  }
  return undefined;
}

function* binaries(directory: string, isMeant: (machine: string) => boolean): Generator<ForeignBinary> {
  for (const entry of readdirSync(directory, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !BINARY.test(entry.name)) {
      continue;
    }
    const file = path.join(entry.parentPath, entry.name);
    const machine = linuxMachineOf(file);
    if (machine !== undefined && isMeant(machine)) {
      yield { file: path.relative(directory, file), platform: `linux/${machine}` };
    }
  }
}

/** Undefined when it is no binary for Linux on a machine that servers run on. */
function linuxMachineOf(file: string): string | undefined {
  const header = Buffer.alloc(HEADER_LENGTH);
  const descriptor = openSync(file, 'r');
  try {
    if (readSync(descriptor, header) < HEADER_LENGTH || header.readUInt32BE(0) !== 0x7f454c46) {
      return undefined;
    }
  } finally {
    closeSync(descriptor);
  }
  return MACHINES[header.readUInt16LE(MACHINE_OFFSET)];
}
