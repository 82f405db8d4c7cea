/** Where something is in a document: names of members, and indexes of lists. */
export type DocumentPath = readonly (string | number)[];

/** The text of a settings file, changed in places: comments, order and the rest stay. */
export interface HostDocument {
  /** What is there, as plain data; `undefined` when nothing is. */
  get(path: DocumentPath): unknown;
  set(path: DocumentPath, value: unknown): void;
  remove(path: DocumentPath): void;
  text(): string;
}
