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

/** Why lighttpd cannot be started here, or undefined. */
export function lighttpdMissing(): string | undefined {
  return findProgram('lighttpd') === undefined ? 'lighttpd is not installed' : undefined;
}

/** Starts lighttpd with its listing on a free port. */
export async function startLighttpd(options: { readonly folder: string }): Promise<RunningServer> {
  const temporary = makeTemporaryFolder('lighttpd');
  const port = await freePort();
  const path = join(temporary.path, 'lighttpd.conf');
  writeFileSync(
    path,
    `server.document-root = "${options.folder}"
server.bind = "127.0.0.1"
server.port = ${port}
server.modules = ( "mod_dirlisting" )
dir-listing.activate = "enable"
mimetype.assign = ( "" => "application/octet-stream" )
`,
  );
  const server = startProcess(findProgram('lighttpd') ?? 'lighttpd', ['-D', '-f', path]);
  const url = `http://127.0.0.1:${port}`;
  const stop = async (): Promise<void> => {
    await server.stop();
    temporary.remove();
  };
  try {
    await waitForHttp(`${url}/`, 10_000, () => server.hasEnded());
  } catch (cause) {
    await stop();
    throw new Error(`lighttpd did not start: ${server.output()}`, { cause });
  }
  return { url, stop };
}
