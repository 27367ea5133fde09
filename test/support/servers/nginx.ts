import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findProgram, type RunningServer, startConfigured } from './process.ts';

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
export function startNginx(options: NginxOptions): Promise<RunningServer> {
  const index = options.index ?? 'html';
  const lines: string[] = [];
  if (index === 'dav') lines.push('dav_methods off; dav_ext_methods PROPFIND OPTIONS;');
  else if (index !== 'none') lines.push('autoindex on;', `autoindex_format ${index};`, 'autoindex_exact_size on;');
  if (options.ignoreRanges === true) lines.push('max_ranges 0;');
  if (options.gzip === true) lines.push('gzip on; gzip_types *; gzip_min_length 1; gzip_http_version 1.0;');
  return startConfigured({
    program: 'nginx',
    configOf: ({ folder, port }) => {
      if (options.basicAuth !== undefined) {
        const { user, password } = options.basicAuth;
        writeFileSync(join(folder, 'users'), `${user}:{PLAIN}${password}\n`);
        lines.push(`auth_basic "test"; auth_basic_user_file "${join(folder, 'users')}";`);
      }
      for (const name of ['body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']) mkdirSync(join(folder, name));
      return `
${index === 'dav' ? `load_module ${DAV_MODULE};` : ''}
daemon off;
master_process off;
pid ${folder}/pid;
error_log ${folder}/error.log;
events { worker_connections 512; }
http {
  access_log off;
  default_type application/octet-stream;
  client_body_temp_path ${folder}/body;
  proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi;
  scgi_temp_path ${folder}/scgi;
  server {
    listen 127.0.0.1:${port};
    root "${options.folder}";
    charset utf-8;
    location / { ${lines.join(' ')} }
  }
}
`;
    },
    argsOf: ({ folder, path }) => ['-p', folder, '-c', path, '-e', join(folder, 'error.log')],
  });
}
