import type { InstallScope } from '../command-line/invocation';
import type { HostPlaces } from './host-places';
import type { HttpEntry, ServerEntry } from './server-entry';

/** Something that a host asks the user for when it starts a server, and keeps by itself. */
export interface HostInput {
  readonly id: string;
  readonly definition: Readonly<Record<string, unknown>>;
}

/** What goes into the file of a host. */
export interface HostEntry {
  /** Members of the entry. What a person adds to others of it stays. */
  readonly members: Readonly<Record<string, unknown>>;
  readonly inputs?: readonly HostInput[];
}

/** A program that people use MCP servers with, and that is told of them by a file. */
export interface Host {
  readonly title: string;
  readonly format: 'json' | 'yaml';
  /** Its file; `undefined` where it has none for the scope. */
  readonly file: (scope: InstallScope, places: HostPlaces) => string | undefined;
  /** The member of the file that has the servers by their names. */
  readonly section: string;
  /** Members of an entry that say how the server is reached, and go when it is reached otherwise. */
  readonly owned: readonly string[];
  /** What it lacks to reach such a server by itself, as the end of a sentence about it; `undefined` when nothing. */
  readonly lacks: (entry: HttpEntry) => string | undefined;
  /** Whether what it starts can be handed secrets that are in no file. */
  readonly passesSecrets: boolean;
  readonly entry: (name: string, entry: ServerEntry) => HostEntry;
  /** What the user does next. */
  readonly next: (name: string, entry: ServerEntry, scope: InstallScope) => string;
}
