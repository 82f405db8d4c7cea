declare module 'dynalite' {
  import type { Server } from 'node:http';

  /** A DynamoDB-compatible server that keeps its tables in memory. */
  export default function dynalite(options?: {
    readonly createTableMs?: number;
    readonly deleteTableMs?: number;
    readonly updateTableMs?: number;
  }): Server;
}
