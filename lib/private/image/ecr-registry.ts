/**
 * The hosts of private registries of Amazon ECR, in every partition: of IPv4 and dual-stack, with and without FIPS.
 *
 * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/ecr-requests.html
 * @see https://docs.aws.amazon.com/general/latest/gr/ecr.html
 */
const ECR_REGISTRY =
  /^\d{12}\.dkr[.-]ecr(?:-fips)?\.([a-z0-9-]+)\.(?:amazonaws\.(?:com|com\.cn|eu)|on\.(?:aws|amazonwebservices\.(?:com\.cn|eu))|c2s\.ic\.gov|sc2s\.sgov\.gov|cloud\.adc-e\.uk|csp\.hci\.ic\.gov)$/;

/**
 * The Region of a private registry of Amazon ECR; undefined for its public registry, and for those of others. The same
 * host may be written in upper case, and with the port of HTTPS.
 */
export function ecrRegionOf(registry: string): string | undefined {
  return ECR_REGISTRY.exec(registry.toLowerCase().replace(/:443$/, ''))?.[1];
}
