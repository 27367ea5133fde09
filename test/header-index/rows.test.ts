import fc from 'fast-check';
import { parquetMetadata, parquetReadObjects } from 'hyparquet';
import { describe, expect, it } from 'vitest';
import { decodeHeaderIndex } from '../../src/header-index/decode.ts';
import { encodeHeaderIndex } from '../../src/header-index/encode.ts';
import { objectsOfTable } from '../../src/header-index/instances.ts';
import { type IndexedObject, rowsOfObject } from '../../src/header-index/rows.ts';
import { scanObjects } from '../../src/series/header-pass/scan.ts';
import type { FrameAttributes, InstanceHeader } from '../../src/types/instance.ts';
import type { ScannedInstance } from '../../src/types/members.ts';
import { generatedSeries } from '../support/generated-series.ts';
import { listed, MemoryStore } from '../support/memory-store.ts';
import { repetitions } from '../support/repetitions.ts';

const properties = { place: 'here', schemaVersion: '1' };

async function throughParquet(objects: readonly IndexedObject[]): Promise<readonly IndexedObject[]> {
  const bytes = encodeHeaderIndex(objects.flatMap(rowsOfObject), properties);
  return objectsOfTable(await decodeHeaderIndex(bytes, properties));
}

async function scanned(
  series: ReadonlyMap<string, Uint8Array>,
  wholeObjects: boolean,
): Promise<readonly IndexedObject[]> {
  const store = new MemoryStore(series);
  const { instances } = await scanObjects(store, listed(series), { wholeObjects });
  return instances.map((instance) => ({
    object: {
      key: instance.key,
      byteLength: instance.objectByteLength,
      etag: `"${instance.key}"`,
      modified: undefined,
    },
    found: { kind: 'instance', instance: { ...instance, etag: `"${instance.key}"`, bytes: undefined } },
  }));
}

/** Whether a header holds lookup tables or bytes, which a header index leaves out. */
function hasTables({ palette, overlays, frames }: InstanceHeader): boolean {
  const inFrames = frames.some(({ modality, voiTables }) => modality.kind === 'table' || voiTables.length > 0);
  return palette !== undefined || overlays.some(({ bits }) => bits !== undefined) || inFrames;
}

/** An instance as a header index gives it back: where it had tables, without them and to be read again. */
function withoutTables(instance: ScannedInstance): ScannedInstance {
  const { header } = instance;
  if (!hasTables(header)) return instance;
  const frames = header.frames.map(
    (frame): FrameAttributes => ({
      ...frame,
      voiTables: [],
      modality: frame.modality.kind === 'table' ? { kind: 'linear', slope: 1, intercept: 0 } : frame.modality,
    }),
  );
  return { ...instance, complete: false, header: { ...header, palette: undefined, overlays: [], frames } };
}

function instanceOf({ found }: IndexedObject): ScannedInstance {
  if (found.kind !== 'instance') throw new Error(`Expected an instance but it is ${found.kind}.`);
  return found.instance;
}

describe.each([...generatedSeries])('a header index of %s', (_, make) => {
  it.each([false, true])('gives back every header (whole objects: %s)', async (wholeObjects) => {
    const objects = await scanned(make(), wholeObjects);
    const back = await throughParquet(objects);
    expect(back.map(({ object }) => object)).toEqual(objects.map(({ object }) => object));
    expect(back.map(instanceOf)).toEqual(objects.map(instanceOf).map(withoutTables));
  });
});

describe('a header index', () => {
  it('distinguishes what was listed, what was read, and what is not an instance', async () => {
    const [first] = await scanned(new Map(generatedSeries.get('CT')?.()), false);
    if (first === undefined) throw new Error('Nothing scanned.');
    const objects: IndexedObject[] = [
      { ...first, object: { ...first.object, etag: undefined, modified: 'Mon, 1 Jan' } },
      { object: { key: 'a', byteLength: 3, etag: 'x', modified: undefined }, found: { kind: 'not-dicom' } },
      {
        object: { key: 'b', byteLength: undefined, etag: undefined, modified: undefined },
        found: { kind: 'damaged', message: 'Expected more.' },
      },
    ];
    expect(await throughParquet(objects)).toEqual(objects);
  });

  it('holds properties that no version knows yet, and numbers of every kind', async () => {
    const [first] = await scanned(new Map(generatedSeries.get('CT')?.()), false);
    if (first === undefined) throw new Error('Nothing scanned.');
    const value = fc.oneof(fc.double(), fc.string(), fc.constant(undefined), fc.boolean());
    const besides = fc.oneof(
      value,
      fc.array(value, { maxLength: 3 }),
      fc.dictionary(fc.string(), value, { maxKeys: 3 }),
    );
    await fc.assert(
      fc.asyncProperty(besides, fc.double(), fc.double(), async (unknown, position, slope) => {
        const instance = instanceOf(first);
        const [frame] = instance.header.frames;
        if (frame === undefined) throw new Error('No frame.');
        const header = {
          ...instance.header,
          unheardOf: new Map([[1, unknown]]),
          frames: [
            {
              ...frame,
              imagePositionPatient: [position, -0, 1] as const,
              modality: { kind: 'linear', slope, intercept: -0 } as const,
              besides: { unknown },
            },
          ],
        };
        const changed: IndexedObject = { ...first, found: { kind: 'instance', instance: { ...instance, header } } };
        const [back] = await throughParquet([changed, { ...first, object: { ...first.object, key: 'other' } }]);
        const got = back === undefined ? undefined : instanceOf(back).header;
        expect(got?.frames[0]?.imagePositionPatient).toStrictEqual([position, -0, 1]);
        expect(got?.frames[0]?.modality).toStrictEqual({ kind: 'linear', slope, intercept: -0 });
        expect(got).toEqual(header);
      }),
      { numRuns: repetitions(8, 50), seed: 4 },
    );
  });

  it('distinguishes 0 and -0, however often they repeat', async () => {
    const [first] = await scanned(new Map(generatedSeries.get('CT')?.()), false);
    if (first === undefined) throw new Error('Nothing scanned.');
    const instance = instanceOf(first);
    const values = Array.from({ length: 200 }, (_, index) => (index % 2 === 0 ? 0 : -0));
    const objects = values.map((value, index): IndexedObject => {
      const imageOrientationPatient = [1, value, 0, 0, 1, 0] as const;
      const frames = instance.header.frames.map((frame) => ({
        ...frame,
        sliceLocation: value,
        imageOrientationPatient,
      }));
      const header = { ...instance.header, frames };
      return {
        object: { ...first.object, key: `${index}` },
        found: { kind: 'instance', instance: { ...instance, header } },
      };
    });
    const back = await throughParquet(objects);
    const found = back.map((each) => instanceOf(each).header.frames[0]);
    expect(found.map((frame) => frame?.sliceLocation)).toStrictEqual(values);
    expect(found.map((frame) => frame?.imageOrientationPatient?.[1])).toStrictEqual(values);
  });

  it('is a Parquet file in which other readers find all columns', async () => {
    const objects = await scanned(new Map(generatedSeries.get('CT')?.()), false);
    const rows = objects.flatMap(rowsOfObject);
    const file = encodeHeaderIndex(rows, properties).buffer;
    const metadata = parquetMetadata(file);
    expect(metadata.key_value_metadata).toEqual(
      expect.arrayContaining(Object.entries(properties).map(([key, value]) => ({ key, value }))),
    );
    const read = await parquetReadObjects({
      file: { byteLength: file.byteLength, slice: file.slice.bind(file) },
      metadata,
    });
    const known = rows.map((row) => Object.fromEntries(Object.entries(row).filter(([, value]) => value !== undefined)));
    const plain = (value: unknown): unknown => (typeof value === 'bigint' ? Number(value) : value);
    expect(
      read.map((row) => Object.fromEntries(Object.entries(row).map(([name, value]) => [name, plain(value)]))),
    ).toEqual(known);
  });

  it('leaves out bytes and lookup tables, wherever they are, and says that it is not complete', async () => {
    const [first] = await scanned(new Map(generatedSeries.get('CT')?.()), true);
    if (first === undefined) throw new Error('Nothing scanned.');
    const instance = instanceOf(first);
    expect(instance.complete).toBe(true);
    const header = { ...instance.header, unheardOf: { deep: [new Uint8Array(4)] } };
    const [back] = await throughParquet([{ ...first, found: { kind: 'instance', instance: { ...instance, header } } }]);
    expect(back === undefined ? undefined : instanceOf(back)).toEqual({ ...instance, complete: false });
  });

  it.each([
    ['a key that is no UTF-8', { key: 'a\udcff.dcm' }],
    ['a key that begins with a byte order mark', { key: '\ufeffa' }],
    ['a size beyond whole numbers', { byteLength: 2 ** 60 + 0.5 }],
  ])('refuses %s, which would not come back as it was', async (_, change) => {
    const object = { key: 'a', byteLength: 1, etag: 'x', ...change };
    expect(() => encodeHeaderIndex(rowsOfObject({ object, found: { kind: 'not-dicom' } }), properties)).toThrow();
  });
});
