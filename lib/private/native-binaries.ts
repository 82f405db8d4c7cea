import { beginningOf, type ProgramFile } from './program-files';

const BINARY = /\.(?:node|so(?:\.\d+)*)$/;

// https://refspecs.linuxfoundation.org/elf/gabi4+/ch4.eheader.html
const HEADER_LENGTH = 20;
const MACHINE_OFFSET = 18;
const ARM64 = 183;
const MACHINES: Record<number, string> = { 3: 'Linux on x86', 40: 'Linux on 32-bit ARM', 62: 'Linux on x86-64', 243: 'Linux on RISC-V' };

/**
 * The binaries that AgentCore Runtime would refuse, each with what it is for. It reads the headers of these files, too.
 *
 * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/runtime-get-started-code-deploy-node.html
 */
export function foreignBinaries(files: readonly ProgramFile[]): string[] {
  return files.filter(({ name }) => BINARY.test(name)).flatMap((file) => {
    const platform = platformOf(beginningOf(file, HEADER_LENGTH));
    return platform === undefined ? [] : [`${file.name} (${platform})`];
  });
}

/** Undefined for Linux on arm64. */
function platformOf(header: Buffer): string | undefined {
  if (header.length === HEADER_LENGTH && header.readUInt32BE(0) === 0x7f454c46) {
    const machine = header.readUInt16LE(MACHINE_OFFSET);
    return machine === ARM64 ? undefined : MACHINES[machine] ?? `Linux on machine ${machine}`;
  }
  if (header.subarray(0, 2).toString('latin1') === 'MZ') {
    return 'Windows';
  }
  const magic = header.length < 4 ? 0 : header.readUInt32BE(0);
  return [0xcffaedfe, 0xcefaedfe, 0xcafebabe, 0xfeedfacf].includes(magic) ? 'macOS' : 'no ELF file';
}
