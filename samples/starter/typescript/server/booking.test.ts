import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openTestClient } from 'stateful-mcp-server/testing';
import { createServer } from './booking';

for (const era of ['legacy', 'modern'] as const) {
  void test(`books a table: ${era}`, async () => {
    const client = await openTestClient(createServer, { era, elicitation: [{ accept: { seating: 'lunch' } }] });
    assert.equal((await client.callTool('book_table', { name: 'Ana' })).text, 'Booked lunch for 2, under Ana.');
    await client.close();
  });

  void test(`takes no for an answer: ${era}`, async () => {
    const client = await openTestClient(createServer, { era, elicitation: ['decline'] });
    assert.equal((await client.callTool('book_table')).text, 'Nothing was booked.');
    await client.close();
  });
}
