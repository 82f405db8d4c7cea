import { existsSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import path from 'node:path';
import { reservePort } from '../../local/src/machine/free-port';
import { newFolder } from './assembly';
import { startRuntime } from './running';

/** In the middle of what becomes this port, since a fraction is rounded. */
const fixPort = (port: number): void => {
  jest.spyOn(Math, 'random').mockReturnValue((port - 20_000 + 0.5) / 12_768);
};
afterEach(() => {
  jest.restoreAllMocks();
});

test('a port is below the ephemeral range, and reserved until it is released', async () => {
  const first = await reservePort();
  expect(first.port).toBeGreaterThanOrEqual(20_000);
  expect(first.port).toBeLessThan(32_768);
  fixPort(first.port);
  await expect(reservePort()).rejects.toThrow('no free port found');
  first.release();
  const second = await reservePort();
  expect(second.port).toBe(first.port);
  second.release();
});

test('a port that another program listens on is not taken', async () => {
  const reservation = await reservePort();
  reservation.release();
  const other = createServer().listen(reservation.port, '127.0.0.1');
  await once(other, 'listening');
  fixPort((other.address() as AddressInfo).port);
  await expect(reservePort()).rejects.toThrow('no free port found');
  other.close();
});

test('a server whose port was taken in the last moment is started again on another one', async () => {
  const marker = path.join(newFolder(), 'started-once');
  const script = `
    const { existsSync, writeFileSync } = require('node:fs');
    const marker = ${JSON.stringify(marker)};
    if (!existsSync(marker)) {
      writeFileSync(marker, process.env.PORT);
      console.error('Error: listen EADDRINUSE: address already in use 127.0.0.1:' + process.env.PORT);
      process.exit(1);
    }
    require('node:http').createServer((request, response) => response.end('served')).listen(process.env.PORT, process.env.HOST);
  `;
  const { endpoint } = await startRuntime({
    runtimes: [{ name: 'unlucky', command: [process.execPath, '-e', script] }],
  });
  expect(existsSync(marker)).toBe(true);
  expect(await (await endpoint.call('any')).text()).toBe('served');
});
