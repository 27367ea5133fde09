import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  findProgram,
  freePort,
  makeTemporaryFolder,
  type RunningServer,
  startProcess,
  waitForHttp,
} from './process.ts';

const MODULES = '/usr/lib/apache2/modules';

/** Why Apache cannot be started here, or undefined. */
export function apacheMissing(): string | undefined {
  if (findProgram('apache2') === undefined) return 'apache2 is not installed';
  return existsSync(MODULES) ? undefined : `${MODULES} is not there`;
}

/** Starts Apache on a free port: HTML indexes, or (`index: 'dav'`) WebDAV without them. */
export async function startApache(options: {
  readonly folder: string;
  readonly index?: 'html' | 'dav';
}): Promise<RunningServer> {
  const temporary = makeTemporaryFolder('apache');
  const port = await freePort();
  const names = ['mpm_event', 'authz_core', 'dir', 'autoindex', 'mime', 'dav', 'dav_fs'];
  const config = `
${names.map((name) => `LoadModule ${name}_module ${MODULES}/mod_${name}.so`).join('\n')}
ServerRoot "${temporary.path}"
PidFile "${temporary.path}/pid"
ErrorLog "${temporary.path}/error.log"
DefaultRuntimeDir "${temporary.path}"
Mutex file:${temporary.path} default
DavLockDB "${temporary.path}/locks"
TypesConfig /dev/null
Listen 127.0.0.1:${port}
ServerName 127.0.0.1
User www-data
Group www-data
DocumentRoot "${options.folder}"
<Directory "${options.folder}">
  Require all granted
  ${options.index === 'dav' ? 'Dav On\n  Options -Indexes' : 'Options +Indexes +FollowSymLinks\n  IndexOptions FancyIndexing'}
</Directory>
`;
  const path = join(temporary.path, 'apache.conf');
  writeFileSync(path, config);
  const server = startProcess(findProgram('apache2') ?? 'apache2', ['-X', '-f', path]);
  const url = `http://127.0.0.1:${port}`;
  const stop = async (): Promise<void> => {
    await server.stop();
    temporary.remove();
  };
  try {
    await waitForHttp(`${url}/`, 10_000, () => server.hasEnded());
  } catch (cause) {
    await stop();
    throw new Error(`Apache did not start: ${server.output()}`, { cause });
  }
  return { url, stop };
}
