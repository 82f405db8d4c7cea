// What the programs of macOS say, in the shapes of their manuals: ps(1) and lsof(8). It was not run on one yet.
import { spawnSync } from 'node:child_process';
import { residentByPs } from '../../../local/src/machine/group-memory';
import { portsByLsof } from '../../../local/src/machine/listening-ports';
import { usageByPs } from '../../../local/src/machine/process-usage';
import { MARKED_BY_PS } from '../../../local/src/machine/server-guard';

function marked(output: string): string[] {
  const { stdout } = spawnSync('/bin/sh', ['-c', `${MARKED_BY_PS}\nmarked_by_ps "$1" "$2"`, 'sh', 'MARK', 'one'], {
    input: output,
    encoding: 'utf8',
  });
  return stdout.split('\n').filter(line => line !== '');
}

test('the guard finds what carries its mark, wherever it stands, and nothing that looks like it', () => {
  expect(
    marked(
      [
        '    1 /sbin/launchd',
        '  501 /usr/local/bin/node server.mjs PATH=/usr/bin:/bin MARK=one HOME=/Users/ana',
        '  502 /usr/local/bin/node server.mjs MARK=one',
        '  503 python3 -m server MARK=one TITLE=a b  c * $(id) `id` \\n',
        '  504 /usr/local/bin/node server.mjs MARK=two',
        '  505 /usr/local/bin/node server.mjs MARK=one-more',
        '  506 /usr/local/bin/node server.mjs OTHER_MARK=one',
        '  507 vi MARK = one',
        '  508 (node)',
        ' 99999 /Applications/With Space.app/Contents/MacOS/With Space HOME=/Users/ana MARK=one USER=ana',
        '',
      ].join('\n'),
    ),
  ).toEqual(['501', '502', '503', '99999']);
});

test('the list of processes may be empty', () => {
  expect(marked('')).toEqual([]);
});

const USAGE = [
  '    1  14736   3:52.14',
  '  501   2048   0:00.02',
  '  501   1024 123:45.50',
  '  502      0   0:00.00',
  '',
];

test.each<[number, number, number]>([
  [1, 232_140, 14_736],
  [501, 123 * 60_000 + 45_520, 3072],
  [502, 0, 0],
])('the usage of the group %i is that of its processes', (group, cpuMs, kilobytes) => {
  const usage = usageByPs(USAGE.join('\n'), group);
  expect(usage?.cpuMs).toBeCloseTo(cpuMs, 3);
  expect(usage?.memoryBytes).toBe(kilobytes * 1024);
});

test('a group without processes has used nothing that is known', () => {
  expect(usageByPs(USAGE.join('\n'), 50)).toBeUndefined();
  expect(usageByPs('', 1)).toBeUndefined();
});

test('the resident memory comes with process and group', () => {
  expect(residentByPs('    1     1  14736\n  502   501   1024\n')).toEqual([
    { pid: 1, pgid: 1, bytes: 14_736 * 1024 },
    { pid: 502, pgid: 501, bytes: 1024 * 1024 },
  ]);
});

test('the listening ports of IPv4, IPv6 and of all addresses', () => {
  expect(portsByLsof('p501\nf22\nn127.0.0.1:8000\nf23\nn*:8080\np502\nf9\nn[::1]:3000\nn/tmp/socket\n')).toEqual([
    8000, 8080, 3000,
  ]);
  expect(portsByLsof('')).toEqual([]);
});
