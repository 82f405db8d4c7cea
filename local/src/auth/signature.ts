import { createHash, timingSafeEqual } from 'node:crypto';
import { parse } from 'node:querystring';
import type { Exchange } from '../http/exchange';
import { PlatformException, payloadTooLong } from '../platform/platform-errors';
import type { LocalCredentials } from './local-credentials';

const ALGORITHM = 'AWS4-HMAC-SHA256';
const SERVICE = 'bedrock-agentcore';
const PAYLOAD_HASH = 'x-amz-content-sha256';
const UNSIGNED = 'UNSIGNED-PAYLOAD';
/** AWS General Reference, "troubleshooting Signature Version 4". */
const LONGEST_SKEW_MS = 5 * 60_000;

interface Authorization {
  readonly accessKeyId: string;
  readonly date: string;
  readonly region: string;
  readonly service: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
}

/** What a signature is checked against. */
export interface SignatureCheck {
  readonly credentials: readonly LocalCredentials[];
  readonly region: string;
  readonly unsignedPayload: 'refuse' | 'accept';
}

/**
 * Whose signature (Signature Version 4) a request carries. Reads the whole body, which the signature covers.
 *
 * @throws PlatformException AccessDeniedException, or ValidationException for a body that is longer than its limit
 */
export async function signerOf(
  exchange: Exchange,
  { credentials, region, unsignedPayload }: SignatureCheck,
): Promise<LocalCredentials> {
  const { headers } = exchange;
  const authorization = parseAuthorization(headers.authorization ?? '');
  if (!authorization) {
    throw denied('Missing Authentication Token');
  }
  const signer = credentials.find(({ accessKeyId }) => accessKeyId === authorization.accessKeyId);
  if (!signer) {
    throw denied(
      `The security token included in the request is invalid: no local credentials have the access key id ${authorization.accessKeyId}`,
    );
  }
  if ((signer.sessionToken ?? '') !== (headerText(exchange, 'x-amz-security-token') ?? '')) {
    throw denied('The security token included in the request is invalid');
  }
  if (authorization.service !== SERVICE || authorization.region !== region) {
    throw denied(
      `Credential should be scoped to ${region}/${SERVICE}, got ${authorization.region}/${authorization.service}`,
    );
  }
  const signingDate = parseDate(headerText(exchange, 'x-amz-date') ?? '');
  if (!signingDate || !headerText(exchange, 'x-amz-date')?.startsWith(authorization.date)) {
    throw denied('The request has no valid X-Amz-Date');
  }
  if (Math.abs(Date.now() - signingDate.getTime()) > LONGEST_SKEW_MS) {
    throw denied(`Signature expired: X-Amz-Date is more than ${LONGEST_SKEW_MS / 60_000} minutes off`);
  }
  const unsigned = headerText(exchange, PAYLOAD_HASH) === UNSIGNED;
  if (unsigned && unsignedPayload === 'refuse') {
    throw denied('The payload must be part of the signature');
  }
  if (!authorization.signedHeaders.includes('host')) {
    throw denied('The Host header must be part of the signature');
  }
  const body = await exchange.body.readAll();
  if (exchange.body.tooLong) {
    throw payloadTooLong(exchange.body.limitBytes);
  }
  if (!body) {
    throw denied('The payload could not be read');
  }
  const expected = await signatureOf(exchange, authorization, signer, signingDate, body, unsigned);
  if (!equal(expected, authorization.signature)) {
    throw denied(
      'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method.',
    );
  }
  return signer;
}

async function signatureOf(
  exchange: Exchange,
  authorization: Authorization,
  signer: LocalCredentials,
  signingDate: Date,
  body: Buffer,
  unsigned: boolean,
): Promise<string> {
  const queryAt = exchange.url.indexOf('?');
  const [path, query] =
    queryAt < 0 ? [exchange.url, ''] : [exchange.url.slice(0, queryAt), exchange.url.slice(queryAt + 1)];
  const headers: Record<string, string> = {};
  for (const name of authorization.signedHeaders) {
    headers[name] = headerText(exchange, name) ?? '';
  }
  // The payload is hashed here, whatever the request says of its hash.
  headers[PAYLOAD_HASH] = unsigned ? UNSIGNED : createHash('sha256').update(body).digest('hex');
  const { SignatureV4, Sha256 } = await signing();
  const signature = new SignatureV4({
    service: SERVICE,
    region: authorization.region,
    sha256: Sha256,
    applyChecksum: false,
    credentials: {
      accessKeyId: signer.accessKeyId,
      secretAccessKey: signer.secretAccessKey,
      ...(signer.sessionToken && { sessionToken: signer.sessionToken }),
    },
  });
  const signed = await signature.sign(
    {
      method: exchange.method,
      protocol: 'http:',
      hostname: headers.host ?? '',
      path,
      query: parse(query) as Record<string, string | string[]>,
      headers,
    },
    {
      signingDate,
      signableHeaders: new Set(authorization.signedHeaders),
      unsignableHeaders: new Set(authorization.signedHeaders.includes(PAYLOAD_HASH) ? [] : [PAYLOAD_HASH]),
    },
  );
  return parseAuthorization(signed.headers.authorization ?? '')?.signature ?? '';
}

/** Loaded with the first signature: most people never check one. */
async function signing(): Promise<
  Pick<typeof import('@smithy/signature-v4'), 'SignatureV4'> & Pick<typeof import('@aws-crypto/sha256-js'), 'Sha256'>
> {
  const [{ SignatureV4 }, { Sha256 }] = await Promise.all([
    import('@smithy/signature-v4'),
    import('@aws-crypto/sha256-js'),
  ]);
  return { SignatureV4, Sha256 };
}

function parseAuthorization(header: string): Authorization | undefined {
  if (!header.startsWith(`${ALGORITHM} `)) {
    return undefined;
  }
  const parts = new Map(
    header
      .slice(ALGORITHM.length)
      .split(',')
      .map(part => {
        const [name = '', ...value] = part.trim().split('=');
        return [name, value.join('=')] as const;
      }),
  );
  const [accessKeyId, date, region, service, terminator] = (parts.get('Credential') ?? '').split('/');
  const signedHeaders = parts.get('SignedHeaders')?.split(';') ?? [];
  const signature = parts.get('Signature');
  if (
    !accessKeyId ||
    !date ||
    !region ||
    !service ||
    terminator !== 'aws4_request' ||
    signedHeaders.length === 0 ||
    !signature
  ) {
    return undefined;
  }
  return { accessKeyId, date, region, service, signedHeaders, signature };
}

function parseDate(text: string): Date | undefined {
  const [, year, month, day, hour, minute, second] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text) ?? [];
  return year === undefined ? undefined : new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
}

function headerText(exchange: Exchange, name: string): string | undefined {
  const value = exchange.headers[name];
  return Array.isArray(value) ? value.join(',') : value;
}

function equal(one: string, other: string): boolean {
  const [left, right] = [Buffer.from(one), Buffer.from(other)];
  return left.length === right.length && timingSafeEqual(left, right);
}

function denied(message: string): PlatformException {
  return new PlatformException('AccessDeniedException', message);
}
