/**
 * A `file:` URL. What `new URL('./server.ts', import.meta.url)` makes is one.
 */
export interface IFileUrl {
  /**
   * The whole URL: `file:///home/me/project/server.ts`.
   */
  readonly href: string;
}
