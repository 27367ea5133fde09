import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  findProgram,
  freePort,
  makeTemporaryFolder,
  type RunningServer,
  startProcess,
  waitForHttp,
} from './process.ts';

export interface NginxOptions {
  /** The folder it serves. */
  readonly folder: string;
  /** How it lists folders; 'dav' means PROPFIND alone. Default 'html'. */
  readonly index?: 'html' | 'json' | 'xml' | 'dav' | 'none';
  /** Answer every range with the whole file (`max_ranges 0`). */
  readonly ignoreRanges?: boolean;
  /** Ask for this user and password. */
  readonly basicAuth?: { readonly user: string; readonly password: string };
  /** Compress whatever it can. */
  readonly gzip?: boolean;
}

const DAV_MODULE = '/usr/lib/nginx/modules/ngx_http_dav_ext_module.so';

/** Why nginx cannot be started here, or undefined. */
export function nginxMissing(index: NginxOptions['index'] = 'html'): string | undefined {
  if (findProgram('nginx') === undefined) return 'nginx is not installed';
  return index === 'dav' && !existsSync(DAV_MODULE) ? "nginx's dav-ext module is not installed" : undefined;
}

/** Starts nginx on a free port of 127.0.0.1. */
export async function startNginx(options: NginxOptions): Promise<RunningServer> {
  const temporary = makeTemporaryFolder('nginx');
  const port = await freePort();
  const index = options.index ?? 'html';
  const lines: string[] = [];
  if (index === 'dav') lines.push('dav_methods off; dav_ext_methods PROPFIND OPTIONS;');
  else if (index !== 'none') lines.push('autoindex on;', `autoindex_format ${index};`, 'autoindex_exact_size on;');
  if (options.ignoreRanges === true) lines.push('max_ranges 0;');
  if (options.gzip === true) lines.push('gzip on; gzip_types *; gzip_min_length 1; gzip_http_version 1.0;');
  if (options.basicAuth !== undefined) {
    const { user, password } = options.basicAuth;
    writeFileSync(join(temporary.path, 'users'), `${user}:{PLAIN}${password}\n`);
    lines.push(`auth_basic "test"; auth_basic_user_file "${join(temporary.path, 'users')}";`);
  }
  for (const name of ['body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']) mkdirSync(join(temporary.path, name));
  const config = `
${index === 'dav' ? `load_module ${DAV_MODULE};` : ''}
daemon off;
master_process off;
pid ${temporary.path}/pid;
error_log ${temporary.path}/error.log;
events { worker_connections 512; }
http {
  access_log off;
  default_type application/octet-stream;
  client_body_temp_path ${temporary.path}/body;
  proxy_temp_path ${temporary.path}/proxy;
  fastcgi_temp_path ${temporary.path}/fastcgi;
  uwsgi_temp_path ${temporary.path}/uwsgi;
  scgi_temp_path ${temporary.path}/scgi;
  server {
    listen 127.0.0.1:${port};
    root "${options.folder}";
    charset utf-8;
    location / { ${lines.join(' ')} }
  }
}
`;
  const path = join(temporary.path, 'nginx.conf');
  writeFileSync(path, config);
  const server = startProcess(findProgram('nginx') ?? 'nginx', [
    '-p',
    temporary.path,
    '-c',
    path,
    '-e',
    join(temporary.path, 'error.log'),
  ]);
  const url = `http://127.0.0.1:${port}`;
  const stop = async (): Promise<void> => {
    await server.stop();
    temporary.remove();
  };
  try {
    await waitForHttp(`${url}/`, 10_000, () => server.hasEnded());
  } catch (cause) {
    await stop();
    throw new Error(`nginx did not start: ${server.output()}`, { cause });
  }
  return { url, stop };
}
