import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { UsageError } from '../../src/base/errors.ts';
import { openStore } from '../../src/storage/open-store.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

describe('opening a store', () => {
  it.each([
    ['s3://idc-open-data', 's3://idc-open-data'],
    ['S3://bucket/a/b/', 's3://bucket/a/b'],
    ['http://host/a/', 'http://host/a/'],
    ['HTTPS://user:secret@host/a/?sig=1', 'https://host/a/'],
    ['.', '.'],
    ['file:///', 'file:///'],
  ])('%s', async (url, location) => {
    vi.stubEnv('AWS_CONFIG_FILE', '/nonexistent');
    vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', '/nonexistent');
    const store = await openStore(url);
    expect(store.location).toBe(url.startsWith('file:') ? '/' : location);
    expect(store.concurrency).toBeGreaterThan(0);
    expect(store.statistics).toEqual({ requests: 0, receivedBytes: 0 });
    await store.close();
  });

  it.each(['ftp://host/x', 'nope://x', 'constructor://x', 's3://', 'https://', 'file://host/x', ''])(
    '%j is refused',
    async (url) => {
      await expect(openStore(url)).rejects.toBeInstanceOf(UsageError);
    },
  );

  it('lists the schemes it knows', async () => {
    await expect(openStore('ftp://host')).rejects.toThrow(/s3:\/\/.* http:\/\/, https:\/\//);
  });

  it('hands the options on', async () => {
    const store = await openStore('http://host/', { concurrency: 7 });
    expect(store.concurrency).toBe(7);
    await store.close();
  });
});

describe('what a backend loads', () => {
  it('a local disk: nothing of HTTP, XML or signatures', async () => {
    const { metafile, outputFiles } = await build({
      entryPoints: [fileURLToPath(new URL('../../src/storage/local/store.ts', import.meta.url))],
      bundle: true,
      platform: 'node',
      format: 'esm',
      packages: 'external',
      metafile: true,
      write: false,
      outdir: join('x'),
    });
    expect(outputFiles.length).toBe(1);
    const imports = Object.values(metafile.inputs).flatMap((input) => input.imports.map(({ path }) => path));
    expect(imports.filter((path) => /node:(http|https|net|tls)|htmlparser2|aws4|transport/.test(path))).toEqual([]);
  });
});
