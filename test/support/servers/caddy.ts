import { findProgram, type RunningServer, startConfigured } from './process.ts';

/** Why Caddy cannot be started here, or undefined. */
export function caddyMissing(): string | undefined {
  return findProgram('caddy') === undefined ? 'caddy is not installed' : undefined;
}

/** Starts Caddy's file server with its listing (HTML or JSON, as asked for) on a free port. */
export function startCaddy(options: { readonly folder: string }): Promise<RunningServer> {
  return startConfigured({
    program: 'caddy',
    configOf: ({ port }) =>
      `{\n  admin off\n  auto_https off\n}\nhttp://127.0.0.1:${port} {\n  root * "${options.folder}"\n  file_server browse\n}\n`,
    argsOf: ({ path }) => ['run', '--config', path, '--adapter', 'caddyfile'],
    envOf: (folder) => ({ XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder, HOME: folder }),
  });
}
