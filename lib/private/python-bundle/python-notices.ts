import path from 'node:path';
import {
  isNoticeFile,
  NOTICES_FILE,
  noticeText,
  renderNotices,
  type ThirdPartyPackage,
} from '../modules/third-party-notices';
import { contentsOf, type ProgramFile } from '../program/program-files';

/** https://packaging.python.org/en/latest/specifications/recording-installed-packages/ */
const METADATA = /^([^/]+\.dist-info)\/METADATA$/;

/** Where packages keep their licenses, by PEP 639 and as tools did before. */
const LICENSE_FOLDER = /^(?:licenses|license_files)\//;

/** What packages call the place that they are from, among changelogs and lists of faults. */
const ORIGIN = /home|source|repository|code|github/i;

/** The license by itself says less than its name does: `License: UNKNOWN`, or the whole text of one. */
const LONGEST_LICENSE = 100;

/** This bundle's own program of another package: the bridge, which no installer has recorded. */
const LICENSE = path.join(__dirname, '../../..', 'LICENSE');

/**
 * What the licenses of the packages in a bundle want to travel with it, from their metadata. None where there are no
 * packages.
 *
 * @param files - of installed packages
 * @param withBridge - whether the program of this package is in the bundle, too
 */
export function pythonNotices(files: readonly ProgramFile[], withBridge = false): ProgramFile[] {
  const packages = files.flatMap(file => {
    const folder = METADATA.exec(file.name)?.[1];
    return folder === undefined ? [] : packageIn(folder, file, files);
  });
  const text = renderNotices([...packages, ...(withBridge ? [bridge()] : [])]);
  return text === undefined ? [] : [{ name: NOTICES_FILE, contents: Buffer.from(text) }];
}

function packageIn(folder: string, metadata: ProgramFile, files: readonly ProgramFile[]): ThirdPartyPackage {
  const [head = ''] = textOf(metadata).split(/\n\n/, 1);
  // A value may go on in the next lines, which begin with spaces.
  const fields = head.replaceAll(/\n[ \t]+/g, ' ').split('\n');
  const valuesOf = (name: string): string[] =>
    fields
      .filter(line => line.toLowerCase().startsWith(`${name.toLowerCase()}:`))
      .map(line => line.slice(name.length + 1).trim())
      .filter(value => value !== '' && value !== 'UNKNOWN');
  const urls = valuesOf('Project-URL').map(value => /^([^,]*),\s*(.*)$/.exec(value) ?? []);
  const [, , url] = urls.find(([, label = '']) => ORIGIN.test(label)) ?? urls[0] ?? [];
  const notices = files.filter(({ name }) => name.startsWith(`${folder}/`) && isNotice(name.slice(folder.length + 1)));
  return {
    name: [...valuesOf('Name').slice(0, 1), ...valuesOf('Version').slice(0, 1)].join(' '),
    license: licenseOf(valuesOf),
    origin: [[...valuesOf('Author'), ...valuesOf('Author-email')][0], [...valuesOf('Home-page'), url][0]]
      .filter(Boolean)
      .join(', '),
    notices: notices.map(file => ({ file: file.name.slice(folder.length + 1), text: textOf(file) })),
  };
}

function licenseOf(valuesOf: (name: string) => string[]): string {
  const [expression] = valuesOf('License-Expression');
  const [license] = valuesOf('License').filter(value => value.length <= LONGEST_LICENSE);
  const classified = valuesOf('Classifier').flatMap(value => /^License :: (?:.* :: )?(.+)$/.exec(value)?.[1] ?? []);
  return expression ?? license ?? (classified.join(' or ') || 'no license named');
}

function isNotice(name: string): boolean {
  return LICENSE_FOLDER.test(name) || (!name.includes('/') && isNoticeFile(name));
}

function textOf(file: ProgramFile): string {
  return 'source' in file ? noticeText(file.source) : Buffer.from(contentsOf(file)).toString();
}

function bridge(): ThirdPartyPackage {
  return {
    name: 'stateful_mcp_stdio of cdk-stateful-mcp',
    license: 'Apache-2.0',
    origin: 'https://github.com/cdk-stateful-mcp/cdk-stateful-mcp',
    notices: [{ file: 'LICENSE', text: noticeText(LICENSE) }],
  };
}
