import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { withoutByteOrderMark } from '../program/json-files';
import { readManifest } from './manifest';

/** Lies beside a program that has code of packages in it. */
export const NOTICES_FILE = 'THIRD-PARTY-NOTICES.txt';

export interface ThirdPartyNotices {
  /** Undefined where nothing is from a package. */
  readonly text: string | undefined;

  /** The files and folders that decide about it. */
  readonly inputs: readonly string[];
}

export interface ThirdPartyPackage {
  /** With the version. */
  readonly name: string;
  readonly license: string;

  /** Who made it, and where that is to be found. */
  readonly origin: string;
  readonly notices: readonly Notice[];
}

export interface Notice {
  readonly file: string;
  readonly text: string;
}

const PACKAGE = /^(.*[\\/]node_modules[\\/]((?:@[^\\/]+[\\/])?[^\\/]+))[\\/]/;

/** Names that packages give to what has to travel with their code. */
const NOTICE =
  /(?:^|[-_. ])(?:un)?licen[sc]es?(?![a-z])|^(?:notices?|copying|copyright|authors|patents)(?![a-z])|third-?party/i;

/** Code about licenses, and what tools read. */
const NO_NOTICE = /\.(?:[cm]?[jt]sx?|map|json|ya?ml|xml|html|css)$/i;

const LINE = `${'-'.repeat(80)}\n`;

/**
 * What the licenses of the packages in a bundle want to travel with it: the packages with version, license and
 * notices. Equal texts are there once. The same packages give the same text, wherever they are installed.
 *
 * @param sources - the files that went into the bundle, by their absolute paths; those outside of `node_modules` are
 * the project's own
 */
export function thirdPartyNotices(sources: readonly string[]): ThirdPartyNotices {
  const folders = [...new Set(sources.flatMap(source => PACKAGE.exec(source)?.[1] ?? []))].filter(folder =>
    existsSync(folder),
  );
  const noticeFiles = new Map(folders.map(folder => [folder, noticeFilesIn(folder)]));
  return {
    text: renderNotices(folders.map(folder => packageIn(folder, noticeFiles.get(folder) ?? []))),
    inputs: [...noticeFiles].flatMap(([folder, files]) => [folder, ...files.map(file => path.join(folder, file))]),
  };
}

/** Whether a package gives such a name to what has to travel with its code. */
export function isNoticeFile(name: string): boolean {
  return NOTICE.test(name) && !NO_NOTICE.test(name);
}

function noticeFilesIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter(entry => entry.isFile() && isNoticeFile(entry.name))
    .map(({ name }) => name);
}

function packageIn(folder: string, files: readonly string[]): ThirdPartyPackage {
  const file = path.join(folder, 'package.json');
  const manifest: Described = existsSync(file) ? readManifest(file) : {};
  const installedAs = PACKAGE.exec(folder + path.sep)?.[2]?.replace('\\', '/') ?? '';
  return {
    name: [manifest.name ?? installedAs, manifest.version].filter(Boolean).join(' '),
    license: licenseOf(manifest),
    origin: [textOf(manifest.author, 'name'), textOf(manifest.repository, 'url')].filter(Boolean).join(', '),
    notices: files.map(name => ({ file: name, text: noticeText(path.join(folder, name)) })),
  };
}

/** https://docs.npmjs.com/cli/v10/configuring-npm/package-json#license, with the forms that it calls deprecated. */
interface Described {
  readonly name?: string;
  readonly version?: string;
  readonly license?: unknown;
  readonly licenses?: unknown;
  readonly author?: unknown;
  readonly repository?: unknown;
}

function licenseOf({ license, licenses }: Described): string {
  const all = Array.isArray(licenses) ? (licenses as unknown[]) : [];
  const names = [license, ...all].map(value => textOf(value, 'type')).filter(Boolean);
  return names.length === 0 ? 'no license named' : names.join(' or ');
}

/** A member that is a string, or an object which has it under another name. */
function textOf(value: unknown, member: string): string {
  const text =
    typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>)[member] : value;
  return typeof text === 'string' ? text.replaceAll(/\s+/g, ' ').trim() : '';
}

/** A text of this package or another, in one form of line ends. */
export function noticeText(file: string): string {
  return withoutByteOrderMark(readFileSync(file, 'utf8')).replaceAll(/\r\n?/g, '\n').replace(/^\n+/, '').trimEnd();
}

/** The file of some packages, whatever their order. Undefined where there are none. */
export function renderNotices(unsorted: readonly ThirdPartyPackage[]): string | undefined {
  if (unsorted.length === 0) {
    return undefined;
  }
  const packages = sortedByName(unsorted, ({ name }) => name);
  const lines = new Set(
    packages.map(({ name, license, origin, notices }) =>
      [`${name}: ${license}`, origin, ...(notices.length === 0 ? ['no license file in the package'] : [])]
        .filter(Boolean)
        .join('; '),
    ),
  );
  const owners = new Map<string, Set<string>>();
  for (const { name, notices } of packages) {
    for (const { file, text } of sortedByName(notices, notice => notice.file)) {
      owners.set(text, (owners.get(text) ?? new Set()).add(`${name}: ${file}`));
    }
  }
  return [
    `Third-party software in this bundle, with its licenses and notices.\n\n${[...lines].join('\n')}\n`,
    ...[...owners].map(([text, by]) => `${[...by].join('\n')}\n\n${text}\n`),
  ].join(`\n${LINE}`);
}

/** By code units: the order of a language is not the same on each machine. */
function sortedByName<Item>(items: readonly Item[], nameOf: (item: Item) => string): Item[] {
  return [...items].sort((left, right) => (nameOf(left) < nameOf(right) ? -1 : nameOf(left) > nameOf(right) ? 1 : 0));
}
