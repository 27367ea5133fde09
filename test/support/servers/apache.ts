import { existsSync } from 'node:fs';
import { findProgram, type RunningServer, startConfigured } from './process.ts';

const MODULES = '/usr/lib/apache2/modules';

/** Why Apache cannot be started here, or undefined. */
export function apacheMissing(): string | undefined {
  if (findProgram('apache2') === undefined) return 'apache2 is not installed';
  return existsSync(MODULES) ? undefined : `${MODULES} is not there`;
}

/** Starts Apache on a free port: HTML indexes, or (`index: 'dav'`) WebDAV without them. */
export function startApache(options: {
  readonly folder: string;
  readonly index?: 'html' | 'dav';
}): Promise<RunningServer> {
  const names = ['mpm_event', 'authz_core', 'dir', 'autoindex', 'mime', 'dav', 'dav_fs'];
  return startConfigured({
    program: 'apache2',
    configOf: ({ folder, port }) => `
${names.map((name) => `LoadModule ${name}_module ${MODULES}/mod_${name}.so`).join('\n')}
ServerRoot "${folder}"
PidFile "${folder}/pid"
ErrorLog "${folder}/error.log"
DefaultRuntimeDir "${folder}"
Mutex file:${folder} default
DavLockDB "${folder}/locks"
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
`,
    argsOf: ({ path }) => ['-X', '-f', path],
  });
}
