import { StatefulMcpClientError } from '../common/errors';

/** The URL to connect to, checked while the caller is still there to see the error. */
export function serverUrl(url: string | URL): URL {
  const text = String(url);
  if (!URL.canParse(text)) {
    throw invalid(text, 'pass an absolute URL such as http://127.0.0.1:8000/mcp, an ARN, or `stack:STACK/OUTPUT`');
  }
  const parsed = new URL(text);
  if (parsed.protocol !== 'http:' && parsed.protocol !== 'https:') {
    throw invalid(
      text,
      `its scheme is \`${parsed.protocol}\`: pass an \`http:\` or \`https:\` URL such as http://127.0.0.1:8000/mcp`,
    );
  }
  if (parsed.username !== '' || parsed.password !== '') {
    throw invalid(
      `${parsed.protocol}//…@${parsed.host}${parsed.pathname}`,
      'it must not contain a user name or a password: send credentials by `auth`',
    );
  }
  return parsed;
}

function invalid(url: string, why: string): StatefulMcpClientError {
  return new StatefulMcpClientError('ERR_INVALID_URL', `\`url\` "${url}" cannot be used: ${why}`);
}
