declare module 's3rver' {
  import type { AddressInfo } from 'node:net';

  /** A server that speaks the API of Amazon S3 and keeps its objects in a folder. */
  export default class S3rver {
    public constructor(options: {
      readonly address: string;
      readonly port: number;
      readonly directory: string;
      readonly silent: boolean;
    });
    public run(): Promise<AddressInfo>;
    public close(): Promise<void>;
  }
}
