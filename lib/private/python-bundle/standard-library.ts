import { withoutFiles } from '../python/python-records';
import type { ProgramFile } from '../program/program-files';

/**
 * What each Python that servers run on imports from its own library on Linux: `sys.stdlib_module_names` without what is
 * for other systems, private, or no name that a package has.
 *
 * @see https://docs.python.org/3/library/sys.html#sys.stdlib_module_names
 */
const MODULES = new Set(
  (
    'abc antigravity argparse array ast asyncio atexit base64 bdb binascii bisect builtins bz2 cProfile calendar cmath ' +
    'cmd code codecs codeop collections colorsys compileall concurrent configparser contextlib contextvars copy copyreg ' +
    'csv ctypes curses dataclasses datetime dbm decimal difflib dis doctest email encodings ensurepip enum errno ' +
    'faulthandler fcntl filecmp fileinput fnmatch fractions ftplib functools gc genericpath getopt getpass gettext glob ' +
    'graphlib grp gzip hashlib heapq hmac html http idlelib imaplib importlib inspect io ipaddress itertools json keyword ' +
    'linecache locale logging lzma mailbox marshal math mimetypes mmap modulefinder multiprocessing netrc ntpath nturl2path ' +
    'numbers opcode operator optparse os pathlib pdb pickle pickletools pkgutil platform plistlib poplib posix posixpath ' +
    'pprint profile pstats pty pwd py_compile pyclbr pydoc pydoc_data pyexpat queue quopri random re readline reprlib ' +
    'resource rlcompleter runpy sched secrets select selectors shelve shlex shutil signal site smtplib socket socketserver ' +
    'sqlite3 sre_compile sre_constants sre_parse ssl stat statistics string stringprep struct subprocess symtable sys ' +
    'sysconfig syslog tabnanny tarfile tempfile termios textwrap this threading time timeit tkinter token tokenize trace ' +
    'traceback tracemalloc tty turtle turtledemo types typing unicodedata unittest urllib uuid venv warnings wave weakref ' +
    'webbrowser wsgiref xml xmlrpc zipapp zipfile zipimport zlib zoneinfo'
  ).split(' '),
);

/** The minor version of Python 3 that was the first with a module, or the first without. */
const SINCE: Readonly<Record<string, number>> = { tomllib: 11, annotationlib: 14, compression: 14 };
const UNTIL: Readonly<Record<number, string>> = {
  11: 'binhex',
  12: 'asynchat asyncore distutils imp smtpd',
  13: 'aifc audioop cgi cgitb chunk crypt imghdr lib2to3 mailcap nis nntplib ossaudiodev pipes sndhdr spwd sunau telnetlib uu xdrlib',
};

/**
 * Leaves out modules of installed packages that the library of Python has, too (`asyncio`, `typing` and `uuid` of PyPI).
 * Where packages are installed usually, Python looks after it has looked in its library. In a bundle they lie beside the
 * program, where it looks first.
 *
 * @param version - such as `3.13`
 */
export function withoutStandardModules(files: readonly ProgramFile[], version: string): ProgramFile[] {
  const minor = Number(version.replace(/^3\./, ''));
  const found = new Set(
    files.flatMap(({ name }) => moduleStartedBy(name) ?? []).filter(name => isStandard(name, minor)),
  );
  const leftOut = files.filter(({ name }) => found.has(topOf(name)));
  return withoutFiles(files, new Set(leftOut.map(({ name }) => name)));
}

function isStandard(name: string, minor: number): boolean {
  const since = SINCE[name];
  return (
    MODULES.has(name) ||
    (since !== undefined && minor >= since) ||
    Object.entries(UNTIL).some(([until, names]) => minor < Number(until) && names.split(' ').includes(name))
  );
}

/** A folder without `__init__` does not come before a module of the library. */
function moduleStartedBy(name: string): string | undefined {
  return /^([^/.]+)(?:\/__init__)?\.(?:py|(?:[^/]+\.)?so)$/.exec(name)?.[1];
}

function topOf(name: string): string {
  return name.replace(/[/.].*$/, '');
}
