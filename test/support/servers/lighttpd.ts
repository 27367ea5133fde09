import { findProgram, type RunningServer, startConfigured } from './process.ts';

/** Why lighttpd cannot be started here, or undefined. */
export function lighttpdMissing(): string | undefined {
  return findProgram('lighttpd') === undefined ? 'lighttpd is not installed' : undefined;
}

/** Starts lighttpd with its listing on a free port. */
export function startLighttpd(options: { readonly folder: string }): Promise<RunningServer> {
  return startConfigured({
    program: 'lighttpd',
    configOf: ({ port }) => `server.document-root = "${options.folder}"
server.bind = "127.0.0.1"
server.port = ${port}
server.modules = ( "mod_dirlisting" )
dir-listing.activate = "enable"
mimetype.assign = ( "" => "application/octet-stream" )
`,
    argsOf: ({ path }) => ['-D', '-f', path],
  });
}
