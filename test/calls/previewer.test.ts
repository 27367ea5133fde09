import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type * as threads from 'node:worker_threads';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createImage, createMosaic, createPreviewer, type Previewer } from '../../src/index.ts';
import {
  ctSeries,
  encapsulatedPixelData,
  secondaryCapture,
  transferSyntax,
  writeSeriesFolder,
} from '../support/dicom/index.js';
import { serveRanges } from '../support/range-server.ts';

const [rows, columns] = [48, 64];
const native = { imageWidth: 'native', format: 'png' } as const;

/** An image that a worker decodes: JPEG, at its full size. */
async function jpegInstance(seed: number): Promise<Uint8Array> {
  const rgb = Uint8Array.from({ length: rows * columns * 3 }, (_, index) => (index * seed) & 255);
  const jpeg = await sharp(rgb, { raw: { width: columns, height: rows, channels: 3 } })
    .jpeg({ quality: 90 })
    .toBuffer();
  const write = { transferSyntaxUid: transferSyntax.jpegBaseline };
  return secondaryCapture({ rows, columns, attributes: encapsulatedPixelData([jpeg]), write });
}

let folder = '';
let series = '';
let compressed: readonly string[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'previewer-'));
  series = join(folder, 'series');
  writeSeriesFolder(series, ctSeries({ seed: 3, instances: 9, rows: 16, windows: [{ center: 40, width: 400 }] }));
  compressed = [3, 5, 7, 11].map((seed) => join(folder, `${seed}.dcm`));
  for (const [index, seed] of [3, 5, 7, 11].entries()) {
    writeFileSync(compressed[index] ?? '', await jpegInstance(seed));
  }
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** Makes pictures and counts the workers that are started meanwhile. */
async function countWorkers(make: () => Promise<void>): Promise<number> {
  const module: { Worker: typeof threads.Worker } = createRequire(import.meta.url)('node:worker_threads');
  const { Worker } = module;
  let count = 0;
  module.Worker = class extends Worker {
    constructor(...parameters: ConstructorParameters<typeof Worker>) {
      super(...parameters);
      count += 1;
    }
  };
  try {
    await make();
  } finally {
    module.Worker = Worker;
  }
  return count;
}

async function using(use: (previewer: Previewer) => Promise<void>): Promise<void> {
  const previewer = createPreviewer({ workers: 1 });
  try {
    await use(previewer);
  } finally {
    await previewer.close();
  }
}

describe('a previewer', () => {
  it('makes the pictures that the functions make, several at a time', async () => {
    const [mosaic, image] = [{ tileWidth: 3, format: 'png' } as const, { position: 0.5, ...native }];
    const expected = [await createMosaic(series, mosaic), await createImage(compressed[0] ?? '', image)];
    await using(async (previewer) => {
      const pictures = await Promise.all([
        previewer.createMosaic(series, mosaic),
        previewer.createImage(compressed[0] ?? '', image),
        previewer.createMosaic(series, mosaic),
      ]);
      expect(pictures.map(({ bytes }) => Buffer.from(bytes).toString('base64'))).toEqual(
        [expected[0], expected[1], expected[0]].map((each) => Buffer.from(each?.bytes ?? []).toString('base64')),
      );
    });
  });

  it('starts a worker once for all pictures, where the functions start one a picture', async () => {
    const image = { position: 0, ...native };
    const shared = await countWorkers(() =>
      using(async (previewer) => {
        for (const path of compressed) await previewer.createImage(path, image);
      }),
    );
    const each = await countWorkers(async () => {
      for (const path of compressed) await createImage(path, image);
    });
    expect([shared, each]).toEqual([1, compressed.length]);
  });

  it('keeps connections from one picture to the next', async () => {
    const server = await serveRanges('image.dcm', await jpegInstance(13));
    const image = { position: 0, ...native, root: server.url, noCache: true };
    try {
      await using(async (previewer) => {
        await previewer.createImage(server.url, image);
        const { connections } = server;
        const { length } = server.requests;
        await previewer.createImage(server.url, image);
        expect(server.requests.length).toBeGreaterThan(length);
        expect(server.connections).toBe(connections);
      });
    } finally {
      await server.close();
    }
  });

  it('goes on with the others when one picture is aborted', async () => {
    await using(async (previewer) => {
      const controller = new AbortController();
      const image = { position: 0, ...native };
      const aborted = previewer.createImage(compressed[0] ?? '', { ...image, signal: controller.signal });
      const other = previewer.createImage(compressed[1] ?? '', image);
      controller.abort();
      await expect(aborted).rejects.toMatchObject({ code: 'aborted' });
      expect((await other).bytes).toEqual((await createImage(compressed[1] ?? '', image)).bytes);
    });
  });

  it('ends what is under way when it is closed, and makes no more', async () => {
    const previewer = createPreviewer();
    const under = previewer.createImage(compressed[0] ?? '', { position: 0, ...native });
    const rejected = expect(under).rejects.toMatchObject({ code: 'aborted' });
    await previewer.close();
    await rejected;
    await expect(previewer.createMosaic(series)).rejects.toMatchObject({ code: 'usage' });
    await previewer.close();
  });

  it.each([0, 65, 1.5, Number.NaN])('refuses %d workers', (workers) => {
    expect(() => createPreviewer({ workers })).toThrow(/from 1 to 64 for workers/);
  });

  it('does not keep the process alive, though nobody closes it', async () => {
    const library = new URL('../../dist/index.js', import.meta.url).href;
    const program = `
      const { createPreviewer } = await import(${JSON.stringify(library)});
      const previewer = createPreviewer();
      const { report } = await previewer.createImage(${JSON.stringify(compressed[0])}, { position: 0, imageWidth: 'native' });
      console.log(report.tiles.length);`;
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program], {
      timeout: 20_000,
    });
    expect(stdout).toBe('1\n');
  });
});

describe('many pictures', () => {
  let root = '';
  const uids: string[] = [];

  beforeAll(async () => {
    root = join(folder, 'tree');
    for (const number of [1, 2, 3, 4, 5, 6, 7]) {
      const made = ctSeries({ seed: number, series: `many ${number}`, instances: 3, rows: 8, shuffleKeys: true });
      writeSeriesFolder(join(root, `patient-${number % 3}`, `s${number}`), made);
      uids.push(
        (await createMosaic(join(root, `patient-${number % 3}`, `s${number}`))).report.series.seriesInstanceUid,
      );
    }
    writeFileSync(join(root, 'notes.txt'), 'no DICOM');
  });

  it('are in work so many at a time, and all are made', async () => {
    const previewer = createPreviewer({ pictures: 2 });
    let active = 0;
    let most = 0;
    const making = uids.map(async (uid) => {
      let isListed = false;
      const onProgress = ({ stage }: { readonly stage: string }): void => {
        if (stage !== 'list' || isListed) return;
        isListed = true;
        most = Math.max(most, ++active);
      };
      const preview = await previewer.createMosaic(uid, { root, onProgress });
      active--;
      return preview.report.series.seriesInstanceUid;
    });
    expect(await Promise.all(making)).toEqual(uids);
    expect(most).toBe(2);
    await previewer.close();
  });

  it('come as they are done, each with its series, failures among them', async () => {
    const previewer = createPreviewer();
    const list = ['1.2.3.99', ...uids];
    const found = new Map<string, string>();
    for await (const { series: name, preview, error } of previewer.mosaics(list, { root })) {
      found.set(name, error === undefined ? preview.report.series.seriesInstanceUid : error.code);
    }
    expect(found.size).toBe(list.length);
    for (const uid of uids) expect(found.get(uid)).toBe(uid);
    expect(found.get('1.2.3.99')).toBe('not-found');
    const images = previewer.images(uids.slice(0, 2), { root, position: 0.5 });
    for await (const { preview } of images) expect(preview?.report.tiles).toHaveLength(1);
    await previewer.close();
  });

  it('take no more of a list than there is room for, and stop when nobody listens', async () => {
    const previewer = createPreviewer({ pictures: 2 });
    let asked = 0;
    let isReturned = false;
    async function* list(): AsyncGenerator<string> {
      try {
        for (;;) yield uids[asked++ % uids.length] ?? '';
      } finally {
        isReturned = true;
      }
    }
    let seen = 0;
    for await (const { error } of previewer.mosaics(list(), { root })) {
      expect(error).toBeUndefined();
      if (++seen === 3) break;
    }
    expect(asked).toBeLessThanOrEqual(5);
    expect(isReturned).toBe(true);
    await previewer.close();
  });

  it('are handed out while the list takes its time', async () => {
    const previewer = createPreviewer({ pictures: 2 });
    let answer = (): void => {};
    async function* list(): AsyncGenerator<string> {
      yield uids[0] ?? '';
      // The list goes on when the first result has come, and then not any more.
      await new Promise<void>((resolve) => {
        answer = resolve;
      });
      yield uids[1] ?? '';
      await new Promise<void>(() => {});
    }
    const seen: string[] = [];
    for await (const { series: name } of previewer.mosaics(list(), { root })) {
      seen.push(name);
      answer();
      if (seen.length === 2) break;
    }
    expect(seen).toEqual(uids.slice(0, 2));
    await previewer.close();
  });

  it('end with the error of options that make no sense, or of a signal', async () => {
    const previewer = createPreviewer();
    const read = async (options: object): Promise<void> => {
      for await (const { error } of previewer.mosaics(uids, { root, ...options })) expect(error).toBeUndefined();
    };
    await expect(read({ quality: 0 })).rejects.toMatchObject({ code: 'usage' });
    await expect(read({ signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'aborted' });
    await previewer.close();
    await expect(read({})).rejects.toMatchObject({ code: 'usage' });
  });
});

describe('calls that make no sense', () => {
  it.each([[undefined], [null], [7], [{}]])('have the series %j', async (name) => {
    const call = createMosaic as (series: unknown) => Promise<unknown>;
    await expect(call(name)).rejects.toMatchObject({
      code: 'usage',
      message: expect.stringMatching(/^Expected a series/),
    });
  });

  it.each([
    [{ tileWidht: 3 }, "createMosaic has no option 'tileWidht'. Did you mean 'tileWidth'?"],
    [{ image_width: 3 }, "createMosaic has no option 'image_width'. Did you mean 'imageWidth'?"],
    [{ zzzzzzzz: 3 }, /has no option 'zzzzzzzz'\. It knows .*tileWidth/],
    [null, 'Expected an object of options for createMosaic but received null.'],
    ['lung', 'Expected an object of options for createMosaic but received lung.'],
  ])('have the options %j', async (options, message) => {
    const call = createMosaic as (series: string, options: unknown) => Promise<unknown>;
    await expect(call(series, options)).rejects.toThrow(message);
  });

  it('have no position for an image', async () => {
    const call = createImage as (series: string, options?: object) => Promise<unknown>;
    await expect(call(series)).rejects.toThrow(/position/);
    await expect(call(series, {})).rejects.toThrow(/position/);
    expect(() => createPreviewer({ pictures: 0 })).toThrow(/from 1 to 256 for pictures/);
  });
});
