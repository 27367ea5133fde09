import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type FaultyServer, startFaultyServer } from '../support/faulty-server.ts';
import { type ProxyServer, startProxyServer } from '../support/proxy-server.ts';
import { createSelfSigned } from '../support/self-signed-certificate.ts';
import { makeTemporaryFolder } from '../support/servers/process.ts';

// Node reads NODE_EXTRA_CA_CERTS when it starts, so this takes processes of their own.
const folder = makeTemporaryFolder('authority');
let server: FaultyServer | undefined;
let proxy: ProxyServer | undefined;

beforeAll(async () => {
  const certificate = createSelfSigned();
  writeFileSync(join(folder.path, 'authority.pem'), certificate.cert);
  server = await startFaultyServer({
    tls: certificate,
    objects: new Map([['/object', { bytes: new TextEncoder().encode('hello, world') }]]),
  });
  proxy = await startProxyServer();
  const transport = fileURLToPath(new URL('../../src/http/transport.ts', import.meta.url));
  await build({
    stdin: {
      contents: `
        import { createTransport } from ${JSON.stringify(transport)};
        const transport = createTransport({ retries: 0, timeoutMs: 10_000 });
        const request = { url: new URL(process.argv[2]), location: 'x' };
        const [first, second] = [{ offset: 7, length: 5 }, { offset: 0, length: 5 }];
        for (const range of [first, second]) {
          console.log(new TextDecoder().decode((await transport.readRange(request, range)).bytes));
        }
        await transport.close();`,
      resolveDir: folder.path,
    },
    bundle: true,
    platform: 'node',
    format: 'esm',
    outfile: join(folder.path, 'read.mjs'),
    logLevel: 'error',
  });
});
afterAll(async () => {
  await server?.stop();
  await proxy?.stop();
  folder.remove();
});

const run = async (environment: Readonly<Record<string, string>>): Promise<string> => {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [join(folder.path, 'read.mjs'), `${server?.origin}/object`],
    {
      env: { PATH: process.env['PATH'], NODE_EXTRA_CA_CERTS: join(folder.path, 'authority.pem'), ...environment },
    },
  );
  return stdout;
};

it('an authority of NODE_EXTRA_CA_CERTS is trusted, and the process ends by itself', async () => {
  expect(await run({})).toBe('world\nhello\n');
});

it('through a proxy too, over one tunnel for several requests', async () => {
  expect(await run({ HTTPS_PROXY: proxy?.origin ?? '' })).toBe('world\nhello\n');
  expect(proxy?.seen.map(({ line }) => line)).toEqual([`CONNECT ${new URL(server?.origin ?? '').host}`]);
});
