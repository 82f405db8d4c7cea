import path from 'node:path';
import { PROGRAM_NODE_VERSION } from '../esbuild/esbuild';
import { isLibrary } from '../program/native-binaries';
import { engineProblems } from '../program/node-engines';
import { officialImage, type OfficialImage } from './official-image';
import type { ProgramBundle } from '../program/program-bundle';

const INTERPRETERS = { node: 'Node.js', python: 'Python' };

/** Why a server would not start on a base image, as far as the tag of an official image tells. */
export function baseImageProblems(bundle: ProgramBundle, reference: string): string[] {
  const given = officialImage(reference);
  const usual = officialImage(bundle.imageStart.baseImage);
  if (given === undefined || usual === undefined) {
    return [];
  }
  const start = `\`baseImage\` is ${JSON.stringify(reference)}`;
  if (given.language !== usual.language) {
    return [
      `${start}, which brings ${INTERPRETERS[given.language]}; the server needs ${INTERPRETERS[usual.language]}: choose an image with it, such as ${bundle.imageStart.baseImage}`,
    ];
  }
  const version = given.language === 'node' ? nodeProblems(bundle, given, start) : pythonProblems(given, usual, start);
  return [...version, ...libraryProblems(bundle, given, start)];
}

function nodeProblems({ engines }: ProgramBundle, { version }: OfficialImage, start: string): string[] {
  if (version === undefined) {
    return [];
  }
  const major = Number.parseInt(version, 10);
  return major < PROGRAM_NODE_VERSION
    ? [
        `${start}, which brings Node.js ${major}; the server is bundled for Node.js ${PROGRAM_NODE_VERSION} or later: choose an image with it`,
      ]
    : engineProblems(engines, major, 'choose a `baseImage` with a version that it admits');
}

function pythonProblems({ version }: OfficialImage, usual: OfficialImage, start: string): string[] {
  const [, given] = /^(\d+\.\d+)/.exec(version ?? '') ?? [];
  return given === undefined || given === usual.version
    ? []
    : [
        `${start}, which brings Python ${given}; the server is bundled for Python ${usual.version}: choose an image with it, or another \`interpreter\``,
      ];
}

/**
 * Of the files of a project for Node.js it is not known which C library they are made for; what npm and uv install is
 * for that of Debian.
 */
function libraryProblems({ files }: ProgramBundle, { alpine, language }: OfficialImage, start: string): string[] {
  const forMusl = new Set(
    files.filter(({ name }) => name.includes('musl')).map(({ name }) => path.posix.dirname(name)),
  );
  const libraries = files.filter(
    file =>
      isLibrary(file) &&
      (language === 'python' || file.name.startsWith('node_modules/')) &&
      !forMusl.has(path.posix.dirname(file.name)),
  );
  if (!alpine || libraries.length === 0) {
    return [];
  }
  const [first] = libraries;
  return [
    `${start}, which is Alpine Linux; ${first?.name}${libraries.length === 1 ? ' needs' : ` and ${libraries.length - 1} more need`} the C library of Debian (glibc): ` +
      'choose the image with "slim" in place of "alpine"',
  ];
}
