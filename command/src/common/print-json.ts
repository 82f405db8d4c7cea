import { printableJson } from './printable';

/** Prints a document for programs: one line on stdout. */
export function printJson<Document extends object>(document: Document): void {
  process.stdout.write(`${printableJson(JSON.stringify(document))}\n`);
}
