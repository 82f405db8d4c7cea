import { beginningOf, type ProgramFile } from './program-files';

/** Names of what programs load. Whatever else is a binary by its header is a program. */
const LIBRARY = /\.(?:node|so(?:\.\d+)*)$/;

/**
 * Packages for all platforms carry binaries along whose names say that they are for Windows or macOS: nobody starts
 * them elsewhere.
 */
const OTHER_PLATFORM = /\.(?:exe|dll|pyd|rll|mui|ocx|sys|winmd|dylib)$|\.app\/Contents\//i;

/** https://refspecs.linuxfoundation.org/elf/gabi4+/ch4.eheader.html */
const ELF_HEADER_LENGTH = 20;
const TYPE_OFFSET = 16;
const OBJECT_FILE = 1;
const MACHINE_OFFSET = 18;
const ARM64 = 183;
const MACHINES: Record<number, string> = {
  3: 'Linux on x86',
  40: 'Linux on 32-bit ARM',
  62: 'Linux on x86-64',
  243: 'Linux on RISC-V',
};

/** https://learn.microsoft.com/windows/win32/debug/pe-format: text may begin with MZ as well. */
const PE_OFFSET = 0x3c;

/**
 * Class files of Java have the same magic number as Mach-O files for several processors, and their version where those
 * have the number of processors.
 */
const FIRST_JAVA_VERSION = 45;

/** As far as the header of a program for Windows is from its beginning. */
const READ_LENGTH = 1024;

const LINUX_ARM64 = 'Linux on arm64';

/**
 * The binaries that AgentCore Runtime would refuse, or that would not start there, each with what it is for. The
 * service reads the headers, too.
 *
 * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/runtime-get-started-code-deploy-node.html
 */
export function foreignBinaries(files: readonly ProgramFile[]): string[] {
  return files.flatMap(file => {
    const platform = binaryPlatform(file);
    return platform === undefined || platform === LINUX_ARM64 ? [] : [`${file.name} (${platform})`];
  });
}

/**
 * Leaves out what a package brings for other platforms where it brings the same kind for Linux on arm64: addons,
 * libraries or programs.
 */
export function withoutForeign(files: readonly ProgramFile[]): ProgramFile[] {
  const binaries = files.flatMap(file => {
    const platform = binaryPlatform(file);
    return platform === undefined ? [] : [{ file, kind: kindOf(file), foreign: platform !== LINUX_ARM64 }];
  });
  const brought = new Set(binaries.filter(({ foreign }) => !foreign).map(({ kind }) => kind));
  // An addon may have its libraries in it on one platform and beside it on another.
  const replaced = binaries.filter(
    ({ kind, foreign }) => foreign && (brought.has(kind) || (kind === 'library' && brought.has('addon'))),
  );
  const leftOut = new Set(replaced.map(({ file }) => file));
  return files.filter(file => !leftOut.has(file));
}

function kindOf(file: ProgramFile): 'addon' | 'library' | 'program' {
  return file.name.endsWith('.node') ? 'addon' : isLibrary(file) ? 'library' : 'program';
}

/** Whether its name says that programs load it, as binary code. */
export function isLibrary({ name }: ProgramFile): boolean {
  return LIBRARY.test(name);
}

/** Whether its name says that it is for Windows or macOS. */
export function isForOtherSystem({ name }: ProgramFile): boolean {
  return OTHER_PLATFORM.test(name);
}

/** Undefined for what is no binary, and for what {@link isForOtherSystem}. */
export function binaryPlatform(file: ProgramFile): string | undefined {
  const platform = platformIn(beginningOf(file, READ_LENGTH));
  if (isLibrary(file)) {
    return platform ?? 'no ELF file';
  }
  return isForOtherSystem(file) ? undefined : platform;
}

function platformIn(header: Buffer): string | undefined {
  const magic = header.length < 8 ? 0 : header.readUInt32BE(0);
  switch (magic) {
    case 0x7f454c46:
      return elfPlatform(header);
    case 0xcafebabe:
      return header.readUInt32BE(4) < FIRST_JAVA_VERSION ? 'macOS' : undefined;
    case 0xcffaedfe:
    case 0xcefaedfe:
    case 0xfeedfacf:
      return 'macOS';
    default:
      return isWindowsProgram(header) ? 'Windows' : undefined;
  }
}

function elfPlatform(header: Buffer): string | undefined {
  if (header.length < ELF_HEADER_LENGTH || header.readUInt16LE(TYPE_OFFSET) === OBJECT_FILE) {
    return undefined;
  }
  const machine = header.readUInt16LE(MACHINE_OFFSET);
  return machine === ARM64 ? LINUX_ARM64 : (MACHINES[machine] ?? `Linux on machine ${machine}`);
}

function isWindowsProgram(header: Buffer): boolean {
  if (header.toString('latin1', 0, 2) !== 'MZ' || header.length < PE_OFFSET + 4) {
    return false;
  }
  const start = header.readUInt32LE(PE_OFFSET);
  return header.toString('latin1', start, start + 4) === 'PE\0\0';
}
