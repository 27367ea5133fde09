import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, symlinkSync, truncateSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { AccessDeniedError, NotFoundError, ObjectChangedError, StorageError } from '../../../src/base/errors.ts';
import { openLocalStore } from '../../../src/storage/local/store.ts';
import { openStore } from '../../../src/storage/open-store.ts';
import type { Store } from '../../../src/types/storage.ts';
import { makeTemporaryFolder } from '../../support/servers/process.ts';
import { testConformance, writeConformanceFolder } from '../../support/store-conformance.ts';

const folder = makeTemporaryFolder('local');
const root = join(folder.path, 'root');
mkdirSync(root);
writeConformanceFolder(root);
afterAll(() => folder.remove());

/** A new folder with what `fill` puts into it. */
function make(name: string, fill: (path: string) => void): string {
  const path = join(folder.path, name);
  mkdirSync(path);
  fill(path);
  return path;
}

describe('a local folder', () => {
  testConformance(() => openStore(root));
});

describe('a local folder as a file URL', () => {
  testConformance(() => openStore(pathToFileURL(root).href));
});

describe('reading at once into a buffer', () => {
  const store = openLocalStore(root);
  it('fills the buffer, or as much as the object has', () => {
    const target = new Uint8Array(300);
    expect(store.readSync?.('series-a/1.dcm', 19_800, target)).toEqual({ length: 200, objectByteLength: 20_000 });
    expect(store.readSync?.('series-a/1.dcm', 0, target)).toEqual({ length: 300, objectByteLength: 20_000 });
    expect(store.readSync?.('series-a/1.dcm', 30_000, target)).toEqual({ length: 0, objectByteLength: 20_000 });
    expect(store.readSync?.('series-a/empty.dcm', 0, target)).toEqual({ length: 0, objectByteLength: 0 });
  });

  it('throws what reading throws', () => {
    const target = new Uint8Array(1);
    expect(() => store.readSync?.('nothing', 0, target)).toThrow(NotFoundError);
    expect(() => store.readSync?.('series-a', 0, target)).toThrow(StorageError);
    expect(() => store.readSync?.('../root/series-a/1.dcm', 0, target)).toThrow(/refused/);
    expect(() => store.readSync?.('', 0, target)).toThrow(/refused/);
  });

  it('counts', async () => {
    const counted = openLocalStore(root);
    counted.readSync?.('series-a/1.dcm', 0, new Uint8Array(10));
    await counted.read('series-a/1.dcm', { offset: 0, length: 20 });
    expect(counted.statistics).toEqual({ requests: 2, receivedBytes: 30 });
  });
});

describe('reading frames', () => {
  afterEach(() => {
    vi.restoreAllMocks();
  });

  /** Whether other work had its turn while so many bytes were read. */
  async function letsOthersWork(store: Store, length: number): Promise<boolean> {
    let hadTurn = false;
    setImmediate(() => {
      hadTurn = true;
    });
    const { bytes } = await store.read('frame', { offset: 0, length });
    expect(Buffer.from(bytes).equals(content.subarray(0, length))).toBe(true);
    return hadTurn;
  }

  const content = Buffer.from(Array.from({ length: 9 * 1024 * 1024 }, (_, index) => (index * 7) & 0xff));

  it('is done at once while that is as fast as memory, and by other threads from then on', async () => {
    const path = make('frames', (folderPath) => writeFileSync(join(folderPath, 'frame'), content));
    let now = 0;
    let msOfRead = 0;
    vi.spyOn(performance, 'now').mockImplementation(() => {
      now += msOfRead;
      return now;
    });
    const store = openLocalStore(path);
    expect(await letsOthersWork(store, 1024 * 1024)).toBe(false);
    expect(await letsOthersWork(store, 9 * 1024 * 1024), 'too much for one turn').toBe(true);
    msOfRead = 5;
    expect(await letsOthersWork(store, 1024 * 1024), 'nobody knew').toBe(false);
    msOfRead = 0;
    expect(await letsOthersWork(store, 1024 * 1024)).toBe(true);
    expect(await letsOthersWork(store, 1024), 'a header too').toBe(true);
    expect(await letsOthersWork(openLocalStore(path), 1024 * 1024), 'another store').toBe(false);
    const third = openLocalStore(path);
    now += 60;
    expect(await letsOthersWork(third, 1024 * 1024), 'other work has its turn').toBe(true);
    expect(await letsOthersWork(third, 1024 * 1024)).toBe(false);
    expect(third.isSlow).toBe(false);
    msOfRead = 1;
    third.readSync?.('frame', 0, new Uint8Array(8192));
    msOfRead = 0;
    expect(third.isSlow).toBe(true);
    expect(await letsOthersWork(third, 1024 * 1024), 'headers were slow').toBe(true);
    const readHeaders = (count: number): void => {
      for (let header = 0; header < count; header++) third.readSync?.('frame', 0, new Uint8Array(8));
    };
    readHeaders(5000);
    expect(third.isSlow, 'not any more').toBe(false);
    msOfRead = 1;
    readHeaders(60);
    expect(third.isSlow, 'again, whatever was before').toBe(true);
  });
});

describe('what folders may hold', () => {
  it('links: files and folders behind them count, loops and links to nothing do not hang', async () => {
    const path = make('links', (at) => {
      mkdirSync(join(at, 'real'));
      writeFileSync(join(at, 'real', '1.dcm'), 'one');
      symlinkSync(join(at, 'real'), join(at, 'a-loop-of-the-same'));
      symlinkSync(at, join(at, 'real', 'up'));
      symlinkSync(join(at, 'real', '1.dcm'), join(at, 'file-link.dcm'));
      symlinkSync(join(root, 'series-a'), join(at, 'elsewhere'));
      symlinkSync(join(at, 'nothing'), join(at, 'dangling'));
    });
    const warnings: string[] = [];
    const store = openLocalStore(path, { onWarning: (message) => warnings.push(message) });
    const keys = (await store.list('')).map(({ key }) => key);
    expect(keys).toEqual([
      'elsewhere/1.dcm',
      'elsewhere/10.dcm',
      'elsewhere/2.dcm',
      'elsewhere/deep/er/without-extension',
      'elsewhere/empty.dcm',
      'file-link.dcm',
      'real/1.dcm',
    ]);
    expect(await store.listFolders('', '')).toEqual(['a-loop-of-the-same', 'elsewhere', 'real']);
    expect(warnings).toEqual([expect.stringMatching(/^1 entry below .* could not be looked at and was left out/)]);
  });

  it('names that are no UTF-8', async () => {
    const path = make('latin1', (at) => {
      writeFileSync(Buffer.concat([Buffer.from(`${at}/caf`), Buffer.of(0xe9), Buffer.from('.dcm')]), 'coffee');
    });
    const store = openLocalStore(path);
    const [object] = await store.list('');
    expect(object?.key).toBe('caf\udce9.dcm');
    const { bytes } = await store.read(object?.key ?? '', { offset: 0, length: 100 });
    expect(Buffer.from(bytes).toString()).toBe('coffee');
  });

  it.skipIf(process.platform === 'win32')('a pipe, which is passed over and never waited for', async () => {
    const path = make('pipe', (at) => {
      execFileSync('mkfifo', [join(at, 'pipe')]);
      writeFileSync(join(at, '1.dcm'), 'one');
    });
    const store = openLocalStore(path);
    expect((await store.list('')).map(({ key }) => key)).toEqual(['1.dcm']);
    await expect(store.read('pipe', { offset: 0, length: 1 })).rejects.toThrow(/no regular file/);
    expect(() => store.readSync?.('pipe', 0, new Uint8Array(1))).toThrow(/no regular file/);
    expect(() => openLocalStore(join(path, 'pipe'))).toThrow(/neither a file nor a folder/);
  });

  it.skipIf(process.getuid?.() === 0)('files that may not be read', async () => {
    const path = make('forbidden', (at) => {
      writeFileSync(join(at, '1.dcm'), 'one');
      chmodSync(join(at, '1.dcm'), 0);
    });
    await expect(openLocalStore(path).read('1.dcm', { offset: 0, length: 1 })).rejects.toBeInstanceOf(
      AccessDeniedError,
    );
  });
});

describe('a single file', () => {
  it('is an object with its name as the key', async () => {
    const store = openLocalStore(join(root, 'series-b', '100%.dcm'));
    const objects = await store.list('');
    expect(objects.map(({ key, byteLength }) => [key, byteLength])).toEqual([['100%.dcm', 100]]);
    expect((await store.read('100%.dcm', { offset: 90, length: 100 })).bytes.length).toBe(10);
    expect(store.readSync?.('100%.dcm', 0, new Uint8Array(5)).length).toBe(5);
    expect(await store.listFolders('', '')).toEqual([]);
    await expect(store.list('sub')).rejects.toBeInstanceOf(NotFoundError);
  });
});

describe('changes', () => {
  it('between listing and reading are noticed', async () => {
    const path = make('changing', (at) => writeFileSync(join(at, '1.dcm'), 'first version'));
    const store = openLocalStore(path);
    const [object] = await store.list('');
    truncateSync(join(path, '1.dcm'), 3);
    await expect(store.read('1.dcm', { offset: 0, length: 3 }, { etag: object?.etag })).rejects.toBeInstanceOf(
      ObjectChangedError,
    );
    unlinkSync(join(path, '1.dcm'));
    await expect(store.read('1.dcm', { offset: 0, length: 3 })).rejects.toBeInstanceOf(NotFoundError);
  });
});

describe('opening', () => {
  it('what is not there is not found', async () => {
    await expect(openStore(join(folder.path, 'nothing'))).rejects.toBeInstanceOf(NotFoundError);
    await expect(openStore('file:///nothing/at/all')).rejects.toBeInstanceOf(NotFoundError);
  });
});
