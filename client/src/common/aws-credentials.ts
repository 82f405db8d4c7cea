/** Credentials of AWS. */
export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Of temporary credentials. */
  readonly sessionToken?: string;
  readonly expiration?: Date;
}

/** Where credentials come from, again for each request. */
export interface AwsCredentialSource {
  /** Those that hold now; kept by the source until shortly before they expire. */
  current(): Promise<AwsCredentials>;
  /** Read anew, whatever was kept. */
  renewed(): Promise<AwsCredentials>;
}
