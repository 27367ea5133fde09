import { mapConcurrently } from '../base/concurrently.ts';
import { UnsupportedError } from '../base/errors.ts';
import { limitHint } from '../base/limit-hint.ts';
import type { FrameDecoder } from '../codecs/frame-decoder.ts';
import { emptyCanvas, pasteFrame } from '../pixels/scale/frame-parts.ts';
import type { FrameBytes } from '../series/frames/frame-bytes.ts';
import type { InstanceReader } from '../series/frames/instance-reader.ts';
import type { SlideLevel } from '../types/members.ts';
import type { DecodedFrame } from '../types/pixels.ts';
import type { FrameShare } from './frame-room.ts';
import { wholeReduction } from './reduction.ts';

/** A level that was put together, and the bytes of its first tile, whose header describes all tiles. */
export interface AssembledLevel {
  readonly frame: DecodedFrame;
  readonly stored: FrameBytes;
}

/**
 * Puts the tiles of a slide's level together into one frame. Where there is no tile (sparse tiling) values are 0, or in
 * colour the greatest value, because glass is bright.
 *
 * @param decode decodes the bytes of a tile up to `reduce` times smaller
 * @param options `reduce`: the greatest factor by which the level may be decoded smaller; `maxSamples`: of the level; `share`: its
 * memory
 * @throws UnsupportedError where the level is too large, or has no tiles; the errors of reading and decoding
 */
export async function assembleLevel(
  level: SlideLevel,
  reader: InstanceReader,
  decode: (stored: FrameBytes, reduce: number, signal: AbortSignal) => ReturnType<FrameDecoder['decode']>,
  options: {
    readonly reduce: number;
    readonly maxSamples: number;
    readonly share: FrameShare;
    readonly signal: AbortSignal;
  },
): Promise<AssembledLevel> {
  const [first, ...others] = level.tiles;
  if (first === undefined) throw new UnsupportedError(`Expected tiles in '${level.instance.key}' but it has none.`);
  const stored = await reader.readFrame(first.frameIndex, options.signal, options.share.admit);
  const { rows, columns } = stored.description;
  const reduce = wholeReduction(options.reduce, rows, columns);
  const sample = await decode(stored, reduce, options.signal);
  const factor = rows / sample.rows;
  const canvas = {
    ...sample,
    rows: Math.ceil(level.rows / factor),
    columns: Math.ceil(level.columns / factor),
  };
  const count = canvas.rows * canvas.columns * sample.samplesPerPixel;
  if (count > options.maxSamples) {
    throw new UnsupportedError(
      `Expected a slide level of at most ${options.maxSamples} samples but the smallest that '${level.instance.key}' offers has ${count}. ${limitHint('framePixels')}`,
    );
  }
  options.share.checkKept(count * sample.values.BYTES_PER_ELEMENT);
  const values = emptyCanvas(sample, count);
  const paste = (frame: DecodedFrame, row: number, column: number): void =>
    pasteFrame(values, canvas, frame, Math.round(row / factor), Math.round(column / factor));
  paste(sample, first.row, first.column);
  let { incomplete } = sample;
  await mapConcurrently(others, options.share.units, options.signal, async (tile, signal) => {
    const bytes = await reader.readFrame(tile.frameIndex, signal, options.share.admit);
    const frame = await decode(bytes, reduce, signal);
    incomplete ??= frame.incomplete;
    paste(frame, tile.row, tile.column);
  });
  return { frame: { ...canvas, values, ...(incomplete === undefined ? {} : { incomplete }) }, stored };
}
