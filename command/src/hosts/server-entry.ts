/** A server as a host reaches it by itself, over HTTP. */
export interface HttpEntry {
  readonly by: 'http';
  readonly url: string;
  /** What the host needs to sign somebody in; `undefined` where nobody has to be. */
  readonly oauth?: OAuthEntry;
  /** Environment variable with a token. */
  readonly tokenVariable?: string;
}

export interface OAuthEntry {
  /** `undefined` where hosts register themselves. */
  readonly clientId?: string;
  readonly callbackPort?: number;
  /** Metadata of the authorization server, for hosts that are to read these alone. */
  readonly serverMetadataUrl?: string;
  readonly scopes: readonly string[];
}

/** A program that the host starts, and that reaches the server. */
export interface StdioEntry {
  readonly by: 'stdio';
  readonly command: string;
  readonly args: readonly string[];
  /** Environment variables with secrets that the program reads. */
  readonly variables: readonly string[];
}

export type ServerEntry = HttpEntry | StdioEntry;
