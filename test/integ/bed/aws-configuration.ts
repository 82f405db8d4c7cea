/** How clients of AWS are made here. */
export interface AwsConfiguration {
  readonly region: string;
  readonly endpoint?: string;
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
}
