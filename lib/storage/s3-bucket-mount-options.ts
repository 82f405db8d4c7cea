/**
 * How a bucket is mounted.
 */
export interface S3BucketMountOptions {
  /**
   * Where the objects are in a session: `/mnt/` and one name of letters, digits and `._-`, 200 characters at most.
   */
  readonly mountPath: string;

  /**
   * The keys that a session sees: those that begin with this. `{runtimeSessionId}` in it stands for the id of the
   * session, such as `sessions/{runtimeSessionId}/`.
   *
   * 1 to 1024 characters: letters, digits and `!_.*'()/{}-`, and a letter, a digit or `{` first. No token: the
   * permissions are made of it.
   *
   * @default - the whole bucket
   */
  readonly prefix?: string;
}
