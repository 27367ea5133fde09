import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  findProgram,
  freePort,
  makeTemporaryFolder,
  type RunningServer,
  startProcess,
  waitForHttp,
} from './process.ts';

/** Why Caddy cannot be started here, or undefined. */
export function caddyMissing(): string | undefined {
  return findProgram('caddy') === undefined ? 'caddy is not installed' : undefined;
}

/** Starts Caddy's file server with its listing (HTML or JSON, as asked for) on a free port. */
export async function startCaddy(options: { readonly folder: string }): Promise<RunningServer> {
  const temporary = makeTemporaryFolder('caddy');
  const port = await freePort();
  const path = join(temporary.path, 'Caddyfile');
  writeFileSync(
    path,
    `{\n  admin off\n  auto_https off\n}\nhttp://127.0.0.1:${port} {\n  root * "${options.folder}"\n  file_server browse\n}\n`,
  );
  const env = { XDG_DATA_HOME: temporary.path, XDG_CONFIG_HOME: temporary.path, HOME: temporary.path };
  const server = startProcess(findProgram('caddy') ?? 'caddy', ['run', '--config', path, '--adapter', 'caddyfile'], {
    env,
  });
  const url = `http://127.0.0.1:${port}`;
  const stop = async (): Promise<void> => {
    await server.stop();
    temporary.remove();
  };
  try {
    await waitForHttp(`${url}/`, 10_000, () => server.hasEnded());
  } catch (cause) {
    await stop();
    throw new Error(`Caddy did not start: ${server.output()}`, { cause });
  }
  return { url, stop };
}
