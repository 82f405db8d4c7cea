import type { CdkLanguage, ServerLanguage } from '../command-line/invocation';

/** What `init` writes. */
export interface Starter {
  /** Of the directory, the package and the server. */
  readonly name: string;
  readonly server: ServerLanguage;
  readonly cdk: CdkLanguage;
}
