import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * Below the ephemeral ranges of Linux (32768-60999) and macOS (49152-65535), so that no outgoing connection takes the
 * port in between.
 */
const FIRST_PORT = 20_000;
const LAST_PORT = 32_767;
const ATTEMPTS = 100;

/** A TCP port on loopback that no other local runtime will pick until `release`. */
export interface PortReservation {
  readonly port: number;
  release(): void;
}

/**
 * Reserves a port for a server that is about to start.
 *
 * The reservation is a UDP socket on the same number. The server's TCP socket does not see it, and other local runtimes
 * on the machine do. It ends with this program. Without it, the readiness check of one session could reach the server
 * of another.
 */
export async function reservePort(): Promise<PortReservation> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const port = FIRST_PORT + Math.floor(Math.random() * (LAST_PORT - FIRST_PORT + 1));
    const reservation = await bindUdp(port);
    if (!reservation) {
      continue;
    }
    if (await isFree(port)) {
      return {
        port,
        release: () => {
          reservation.close();
        },
      };
    }
    reservation.close();
  }
  throw new Error(`no free port found between ${FIRST_PORT} and ${LAST_PORT} in ${ATTEMPTS} attempts`);
}

async function bindUdp(port: number): Promise<Socket | undefined> {
  const socket = createSocket('udp4');
  try {
    socket.bind({ port, address: '127.0.0.1', exclusive: true });
    await once(socket, 'listening');
    return socket.unref();
  } catch (error) {
    socket.close();
    return unlessTaken(error, undefined);
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    server.listen({ port, host: '127.0.0.1', exclusive: true });
    await once(server, 'listening');
    return true;
  } catch (error) {
    return unlessTaken(error, false);
  } finally {
    server.close();
  }
}

/** Another port helps where this one is taken or reserved, not where the system has no room for any. */
function unlessTaken<Value>(error: unknown, value: Value): Value {
  if (['EADDRINUSE', 'EACCES'].includes((error as NodeJS.ErrnoException).code ?? '')) {
    return value;
  }
  throw error;
}
