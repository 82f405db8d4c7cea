// The server of the examples: remembers words, each session its own.
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';

const sessions = new Map();

createServer((request, response) => {
  let body = '';
  request
    .on('data', chunk => {
      body += chunk;
    })
    .on('end', () => {
      const { id, method, params } = JSON.parse(body);
      const answer = (status, content, headers = {}) =>
        response
          .writeHead(status, { 'content-type': 'application/json', ...headers })
          .end(JSON.stringify({ jsonrpc: '2.0', id, ...content }));
      if (method === 'initialize') {
        const sessionId = randomUUID();
        sessions.set(sessionId, []);
        return answer(200, { result: {} }, { 'mcp-session-id': sessionId });
      }
      const words = sessions.get(request.headers['mcp-session-id']);
      if (!words) {
        return answer(404, { error: { code: -32001, message: 'Session not found' } });
      }
      words.push(params.arguments.word);
      return answer(200, { result: words });
    });
}).listen(Number(process.env.PORT), process.env.HOST);
