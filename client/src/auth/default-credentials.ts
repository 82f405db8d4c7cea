import type { AwsCredentials, AwsCredentialSource } from '../common/aws-credentials';
import { StatefulMcpClientError } from '../common/errors';

type Provider = (options?: { forceRefresh?: boolean }) => Promise<AwsCredentials>;

/**
 * The standard credential chain of AWS: environment, profiles (keys, `credential_process`, SSO, `aws login`, assumed
 * roles), web identity, containers and instances. Loaded when first used.
 */
export class DefaultCredentials implements AwsCredentialSource {
  private provider?: Promise<Provider>;

  public constructor(
    private readonly profile: string | undefined,
    private readonly region: string | undefined,
  ) {}

  public current(): Promise<AwsCredentials> {
    this.provider ??= this.open(false);
    return this.resolve(this.provider);
  }

  /** Files of AWS are read again, too: other programs write new keys into them. */
  public renewed(): Promise<AwsCredentials> {
    this.provider = this.open(true);
    return this.resolve(this.provider);
  }

  private async open(ignoreCache: boolean): Promise<Provider> {
    const { defaultProvider } = await import('@aws-sdk/credential-provider-node');
    return defaultProvider({
      ignoreCache,
      ...(this.profile !== undefined && { profile: this.profile }),
      ...(this.region !== undefined && { clientConfig: { region: this.region } }),
    });
  }

  private async resolve(provider: Promise<Provider>): Promise<AwsCredentials> {
    try {
      return await (
        await provider
      )();
    } catch (cause) {
      throw new StatefulMcpClientError(
        'ERR_CREDENTIALS',
        `no AWS credentials to sign with (${cause instanceof Error ? cause.message : String(cause)}): ` +
          'run `aws sso login` or `aws login`, or set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY',
        { cause },
      );
    }
  }
}

/** Credentials that the caller of this package has, or gets by a function. */
export class GivenCredentials implements AwsCredentialSource {
  public constructor(private readonly given: AwsCredentials | (() => AwsCredentials | Promise<AwsCredentials>)) {}

  public async current(): Promise<AwsCredentials> {
    if (typeof this.given !== 'function') {
      return this.given;
    }
    try {
      return await this.given();
    } catch (cause) {
      throw new StatefulMcpClientError(
        'ERR_CREDENTIALS',
        `the function \`credentials\` of sigV4() failed: ${cause instanceof Error ? cause.message : String(cause)}`,
        { cause },
      );
    }
  }

  public renewed(): Promise<AwsCredentials> {
    return this.current();
  }
}
