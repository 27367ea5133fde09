import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A web server of one file that takes ranges and notes what it was asked for. */
export interface RangeServer {
  readonly url: string;
  /** Connections that were opened so far. */
  readonly connections: number;
  readonly requests: { readonly headers: IncomingHttpHeaders; readonly url: string; readonly sent: number }[];
  /** Another version of the file from now on. */
  replace(bytes: Uint8Array, etag: string): void;
  close(): Promise<void>;
}

export async function serveRanges(name: string, first: Uint8Array): Promise<RangeServer> {
  let bytes = first;
  let etag = '"1"';
  const requests: { headers: IncomingHttpHeaders; url: string; sent: number }[] = [];
  const server: Server = createServer(({ headers, url = '' }, response) => {
    const [path] = url.split('?');
    const [, from = '', to = ''] = /^bytes=(\d+)-(\d+)$/.exec(headers.range ?? '') ?? [];
    if (path !== `/${name}` || from === '') {
      response.writeHead(path === `/${name}` ? 416 : 404, { 'content-length': 0 }).end();
      return;
    }
    const body = bytes.subarray(Number(from), Number(to) + 1);
    requests.push({ headers, url, sent: body.length });
    const range = `bytes ${from}-${Number(from) + body.length - 1}/${bytes.length}`;
    response.writeHead(206, { 'content-range': range, 'content-length': body.length, etag });
    response.end(body);
  });
  let connections = 0;
  server.on('connection', () => {
    connections += 1;
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/${name}`,
    get connections(): number {
      return connections;
    },
    requests,
    replace: (next, version) => {
      bytes = next;
      etag = version;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
