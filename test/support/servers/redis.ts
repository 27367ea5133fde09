import { connect } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { findProgram, freePort, makeTemporaryFolder, type RunningServer, startProcess } from './process.ts';

/** Why Redis cannot be started here, or undefined. */
export function redisMissing(): string | undefined {
  return findProgram('redis-server') === undefined ? 'redis-server is not installed' : undefined;
}

/** Starts a Redis on a free port, with a folder of its own. `url` is the queue's: `redis://127.0.0.1:port`. */
export async function startRedis(settings: Readonly<Record<string, string>> = {}): Promise<RunningServer> {
  const port = await freePort();
  const folder = makeTemporaryFolder('redis');
  const all = {
    port: String(port),
    bind: '127.0.0.1',
    dir: folder.path,
    save: '',
    'maxmemory-policy': 'noeviction',
    ...settings,
  };
  const args = Object.entries(all).flatMap(([name, value]) => [`--${name}`, value]);
  const server = startProcess(findProgram('redis-server') ?? '', args);
  const deadline = Date.now() + 20_000;
  while (!(await answers(port))) {
    if (server.hasEnded() || Date.now() > deadline) throw new Error(`Redis did not start: ${server.output()}`);
    await setTimeout(50);
  }
  return {
    url: `redis://127.0.0.1:${port}`,
    stop: async () => {
      await server.stop();
      folder.remove();
    },
  };
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('error', () => resolve(false));
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
  });
}
