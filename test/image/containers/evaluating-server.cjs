// A server that evaluates what it is sent, so that a test sees what it can do where it runs.
const { createServer } = require('node:http');
const { randomUUID } = require('node:crypto');

let open = 0;
let isEnding = false;
const end = () => { if (isEnding && open === 0) process.exit(0); };

createServer((request, response) => {
  let body = '';
  request.on('data', chunk => body += chunk).on('end', () => { void answer(JSON.parse(body), response); });
}).listen(process.env.PORT, process.env.HOST);

async function answer({ id, method, params }, response) {
  open++;
  const headers = { 'content-type': 'application/json', ...method === 'initialize' && { 'mcp-session-id': randomUUID() } };
  let result;
  try {
    result = method === 'evaluate' ? await new Function('require', 'process', `return (${params.code})`)(require, process) : {};
  } catch (error) {
    result = { failed: error.code ?? String(error) };
  }
  response.writeHead(200, headers).end(JSON.stringify({ jsonrpc: '2.0', id, result: result ?? null }), () => {
    open--;
    end();
  });
}

process.on('SIGTERM', () => {
  console.log('draining');
  isEnding = true;
  end();
});
