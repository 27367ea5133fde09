// Frames of a local object through this package's own header parser, frame reader and decoders.
import { createHash } from 'node:crypto';
import { createFrameDecoder } from '../../src/codecs/frame-decoder.ts';
import { InstanceReader } from '../../src/series/frames/instance-reader.ts';
import { scanObjects } from '../../src/series/header-pass/scan.ts';
import { openStore } from '../../src/storage/open-store.ts';
import { frameJobOf } from '../../src/tiles/frame-job.ts';
import type { InstanceHeader } from '../../src/types/instance.ts';
import type { DecodedFrame, PixelDescription } from '../../src/types/pixels.ts';
import { storedBytes } from './stored-bytes.ts';

export interface StoredFrames {
  /** Up to the pixel data. */
  readonly header: InstanceHeader;
  readonly description: PixelDescription;
  /** Frames as they lie in the object: the slices of a mosaic are one. */
  readonly count: number;
  /** From 0. */
  decode(frameIndex: number): Promise<DecodedFrame>;
  close(): Promise<void>;
}

/** @throws the package's own errors */
export async function openStoredFrames(path: string): Promise<StoredFrames> {
  const store = await openStore(path, {});
  const decoder = createFrameDecoder();
  const close = async (): Promise<void> => {
    await Promise.all([decoder.close(), store.close()]);
  };
  try {
    const { instances, damaged } = await scanObjects(store, await store.list(''), { wholeObjects: false });
    const [instance] = instances;
    if (instance === undefined) throw new Error(damaged[0]?.message ?? 'not DICOM');
    const reader = new InstanceReader(store, instance);
    const { header, description } = await reader.readFrame(0, undefined);
    return {
      header,
      description,
      count: header.unfolding === undefined ? header.numberOfFrames : 1,
      decode: async (frameIndex) => decoder.decode(frameJobOf(await reader.readFrame(frameIndex, undefined), 1)),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** SHA-256 over all decoded frames in cells of Bits Allocated, as the manifest of the real data has it. */
export async function hashStoredFrames(path: string): Promise<string> {
  const stored = await openStoredFrames(path);
  try {
    const hash = createHash('sha256');
    for (let frame = 0; frame < stored.count; frame++) {
      const { values, rows, columns, samplesPerPixel } = await stored.decode(frame);
      const { description } = stored;
      if (rows !== description.rows || columns !== description.columns) throw new Error('A frame of another size.');
      if (values.length !== rows * columns * samplesPerPixel) throw new Error('A frame of another length.');
      hash.update(storedBytes(values, description.bitsAllocated));
    }
    return hash.digest('hex');
  } finally {
    await stored.close();
  }
}
