import type { AuthInfo } from '@modelcontextprotocol/server';

/**
 * Who made a request, as one comparable string: the client and, where the verified token names one, its subject.
 * Sessions and request state belong to it, so that neither can be used with somebody else's token.
 */
export function principalOf(authInfo: AuthInfo | undefined): string {
  if (!authInfo) {
    return '';
  }
  const subject = authInfo.extra?.['sub'];
  return JSON.stringify([authInfo.clientId, typeof subject === 'string' ? subject : '']);
}
