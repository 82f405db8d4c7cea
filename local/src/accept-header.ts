const NEEDED = ['application/json', 'text/event-stream'];

// A client says the same with every request.
let latest: { readonly accept: string; readonly accepts: boolean } | undefined;

/** Whether an `Accept` header takes both kinds of answers that a POST of MCP can get. */
export function acceptsMcp(accept: string): boolean {
  if (latest?.accept !== accept) latest = { accept, accepts: takesBoth(accept) };
  return latest.accepts;
}

function takesBoth(accept: string): boolean {
  const ranges = accept.toLowerCase().split(',').map(range => range.split(';')).filter(([, ...parameters]) => !parameters.some(isRefused)).map(([range = '']) => range.trim());
  return NEEDED.every(type => ranges.some(range => range === type || range === '*/*' || range === `${type.split('/')[0]}/*`));
}

function isRefused(parameter: string): boolean {
  const [name = '', value = ''] = parameter.split('=');
  return name.trim() === 'q' && Number(value) === 0;
}
