/** Prints a document for programs: one line on stdout. */
export function printJson<Document extends object>(document: Document): void {
  process.stdout.write(`${JSON.stringify(document)}\n`);
}
