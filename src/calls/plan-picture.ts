import { withWarnings } from '../base/with-warnings.ts';
import { createFrameDecoder } from '../codecs/frame-decoder.ts';
import type { ImageOptions, MosaicOptions } from '../types/options.ts';
import type { ReadingPlan } from '../types/reading-plan.ts';
import type { ContrastSheetOptions } from '../types/view-options.ts';
import { type PictureRun, PlannedOnly } from '../views/picture/draw-picture.ts';
import { imageCall, mosaicCall, type PictureCall } from './create-picture.ts';
import { openSeries } from './open-series.ts';
import { contrastSheetCall } from './view-calls.ts';

/**
 * What {@link createMosaic} would show and read. Lists the series and reads its headers, and no pixel data.
 *
 * @param series a UID, UUID, prefix with `*`, folder, file or URL
 * @param options those of the mosaic
 * @throws UsageError for options that make no sense; the errors of names, stores and headers
 * @example
 * ```ts
 * const { toRead, tiles } = await planMosaic('s3://bucket/series/', { tileWidth: 4 });
 * console.log(toRead.byteLength, tiles.map(({ key }) => key));
 * ```
 */
export async function planMosaic(series: string, options?: MosaicOptions): Promise<ReadingPlan> {
  return planCall(mosaicCall(series, options));
}

/**
 * What {@link createImage} would show and read, as {@link planMosaic}.
 *
 * @param series a UID, UUID, prefix with `*`, folder, file or URL
 * @throws UsageError for options that make no sense; the errors of names, stores and headers
 * @example
 * ```ts
 * const { tiles } = await planImage('./CT', { position: 0.5 });
 * ```
 */
export async function planImage(series: string, options: ImageOptions): Promise<ReadingPlan> {
  return planCall(imageCall(series, options));
}

/**
 * What {@link createContrastSheet} would show and read, as {@link planMosaic}: a tile for each row.
 *
 * @param series a UID, UUID, prefix with `*`, folder, file or URL
 * @throws UsageError for options that make no sense; the errors of names, stores and headers
 * @example
 * ```ts
 * const { toRead } = await planContrastSheet('./CT', { contrasts: ['lung', 'bone'] });
 * ```
 */
export async function planContrastSheet(series: string, options: ContrastSheetOptions): Promise<ReadingPlan> {
  return planCall(contrastSheetCall(series, options));
}

async function planCall(call: PictureCall): Promise<ReadingPlan> {
  const { name, storage, cache, signal, onProgress } = call;
  const expected = { ...call.expected, isPlan: true };
  const series = await openSeries(name, { storage, cache, expected, signal, onProgress });
  const { planOf } = await import('../views/picture/reading-plan.ts');
  const decoder = createFrameDecoder();
  let planned: ReadingPlan | undefined;
  const run: PictureRun = {
    signal,
    onPlan: (plan, grid) => {
      planned = planOf(series, plan, grid);
    },
  };
  try {
    await call.draw(series, decoder, run).catch((error: unknown) => {
      if (!(error instanceof PlannedOnly)) throw error;
    });
    // The picture need not read the headers again.
    await series.keepHeaders()([]);
  } catch (error) {
    throw withWarnings(error, series.warnings);
  } finally {
    await decoder.close();
    await series.located.store.close();
  }
  if (planned === undefined) throw new Error('Expected a picture that tells its plan.');
  return planned;
}
