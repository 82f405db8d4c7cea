import path from 'node:path';
import { beginningOf, type ProgramFile } from './program-files';

/** Linux reads as much of the first line of a program. */
const FIRST_LINE_BYTES = 256;

/**
 * A file that starts a program of the bundle, in place of a link to it: links do not survive an asset. Like the link, it
 * is run by itself or by `node`, and the program finds itself to be the main module, in its own place.
 */
export function starterOf(name: string, program: ProgramFile): ProgramFile {
  const target = path.posix.relative(path.posix.dirname(name), program.name);
  const [firstLine = ''] = /^#!.*/.exec(beginningOf(program, FIRST_LINE_BYTES).toString()) ?? [];
  const isForNode = firstLine === '' ? /\.[cm]?js$/.test(program.name) : /[ /]node(?:\s|$)/.test(firstLine);
  const lines = isForNode
    ? [
        firstLine.trimEnd() || '#!/usr/bin/env node',
        `process.argv[1] = require('node:path').join(__dirname, ${JSON.stringify(target)});`,
        "require('node:module').runMain();",
      ]
    : ['#!/bin/sh', `exec "$(dirname "$0")"/'${target.replaceAll("'", String.raw`'\''`)}' "$@"`];
  return { name, executable: true, contents: Buffer.from(`${lines.join('\n')}\n`) };
}
