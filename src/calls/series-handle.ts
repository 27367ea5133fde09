/// <reference lib="esnext.disposable" preserve="true" />
import { openAbortScope } from '../base/abort.ts';
import { UsageError } from '../base/errors.ts';
import { withWarnings } from '../base/with-warnings.ts';
import type { FrameDecoder } from '../codecs/frame-decoder.ts';
import type { HeaderIndexRow } from '../header-index/columns.ts';
import type { OpenedSeries } from '../series/opened-series.ts';
import { checkOptionNames, imageSettings, mosaicSettings, optionNames } from '../settings/settings.ts';
import { attributesSettings, framesSettings } from '../settings/values-settings.ts';
import { contrastSheetSettings, filmSettings, planesSettings, viewOptionNames } from '../settings/view-settings.ts';
import type { AttributeRows } from '../types/attributes.ts';
import type { SeriesFrame } from '../types/frames.ts';
import type {
  AttributesOptions,
  FramesOptions,
  ImageViewOptions,
  MosaicViewOptions,
  RunOptions,
} from '../types/options.ts';
import type { Preview } from '../types/report.ts';
import type { SeriesInfo } from '../types/series-info.ts';
import type { ContrastSheetViewOptions, FilmViewOptions, PlanesViewOptions } from '../types/view-options.ts';
import { headers } from '../views/headers.ts';
import { image } from '../views/image.ts';
import { info } from '../views/info.ts';
import { mosaic } from '../views/mosaic.ts';
import { StaleHeadersError } from '../views/picture/draw-picture.ts';
import { checkPictureWidth } from '../views/picture/render-picture.ts';
import { rareViews } from '../views/rare-views.ts';
import type { Confinement } from './confinement.ts';
import { leastGrid } from './create-picture.ts';
import type { Series } from './series.ts';

/** What a series needs of the previewer that opened it. */
export interface SeriesHome {
  readonly decoder: FrameDecoder;
  readonly includePatient: boolean;
  /** Runs a view when its turn comes. */
  readonly inTurn: <Result>(work: () => Promise<Result>, signal: AbortSignal) => Promise<Result>;
  /** Opens the series once more. */
  readonly reopen: () => Promise<OpenedSeries>;
  /** Aborted when the previewer is closed. */
  readonly closing: AbortSignal;
  /** The root that alone is to be spoken of; undefined for anything. */
  readonly confinement: Confinement | undefined;
}

/** The views of an open series. */
export class SeriesHandle implements Series {
  #opened: OpenedSeries;
  readonly #home: SeriesHome;
  readonly #closing = new AbortController();

  constructor(opened: OpenedSeries, home: SeriesHome) {
    this.#opened = opened;
    this.#home = home;
  }

  get info(): SeriesInfo {
    const found = info(this.#opened, this.#home.includePatient);
    return this.#home.confinement?.info(found) ?? found;
  }

  async mosaic(options: MosaicViewOptions = {}): Promise<Preview> {
    checkOptionNames('mosaic', options, optionNames.mosaicView);
    const settings = mosaicSettings(options);
    checkPictureWidth(settings, leastGrid(settings), this.#opened.located.limits);
    return this.#picture(options, (run) => mosaic(this.#opened, settings, this.#home.decoder, run));
  }

  async image(options: ImageViewOptions): Promise<Preview> {
    checkOptionNames('image', options, optionNames.imageView);
    const settings = imageSettings(options);
    checkPictureWidth(settings, { rows: 1, columns: 1 }, this.#opened.located.limits);
    return this.#picture(options, (run) => image(this.#opened, settings, this.#home.decoder, run));
  }

  async contrastSheet(options: ContrastSheetViewOptions): Promise<Preview> {
    checkOptionNames('contrastSheet', options, viewOptionNames.contrastSheet);
    const settings = contrastSheetSettings(options);
    return this.#picture(options, async (run) => {
      const { contrastSheet } = await rareViews.contrastSheet();
      return contrastSheet(this.#opened, settings, this.#home.decoder, run);
    });
  }

  async planes(options: PlanesViewOptions = {}): Promise<Preview> {
    checkOptionNames('planes', options, viewOptionNames.planes);
    const settings = planesSettings(options);
    return this.#picture(options, async (run) => {
      const { planes } = await rareViews.planes();
      return planes(this.#opened, settings, this.#home.decoder, run);
    });
  }

  async film(options: FilmViewOptions = {}): Promise<Preview> {
    checkOptionNames('film', options, viewOptionNames.film);
    const settings = filmSettings(options);
    return this.#picture(options, async (run) => {
      const { film } = await rareViews.film();
      return film(this.#opened, settings, this.#home.decoder, run);
    });
  }

  headers(): readonly HeaderIndexRow[] {
    const rows = headers(this.#opened);
    return this.#home.confinement?.rows(rows) ?? rows;
  }

  async attributes(options: AttributesOptions = {}): Promise<AttributeRows> {
    this.#checkOpen();
    checkOptionNames('attributes', options, optionNames.attributes);
    const settings = attributesSettings(options);
    const scope = this.#scope(options.signal);
    try {
      const run = { signal: scope.signal, onProgress: options.onProgress };
      const { attributes } = await rareViews.attributes();
      return await this.#home.inTurn(() => attributes(this.#opened, settings, run), scope.signal);
    } catch (error) {
      throw this.#told(error);
    } finally {
      scope.end();
    }
  }

  async *frames(options: FramesOptions = {}): AsyncGenerator<SeriesFrame, void, undefined> {
    this.#checkOpen();
    checkOptionNames('frames', options, optionNames.frames);
    const settings = framesSettings(options);
    const scope = this.#scope(options.signal);
    try {
      const run = { signal: scope.signal, onProgress: options.onProgress };
      const { frames } = await rareViews.frames();
      yield* frames(this.#opened, settings, this.#home.decoder, run);
    } catch (error) {
      throw this.#told(error);
    } finally {
      scope.end();
    }
  }

  async close(): Promise<void> {
    if (this.#closing.signal.aborted) return;
    this.#closing.abort(new Error('the series was closed'));
    // Keeps the headers, if no picture has done so.
    await this.#opened.keepHeaders()([]);
    await this.#opened.located.store.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #picture(options: RunOptions, draw: (run: RunOptions) => Promise<Preview>): Promise<Preview> {
    this.#checkOpen();
    const scope = this.#scope(options.signal);
    const run: RunOptions = { signal: scope.signal, onProgress: options.onProgress };
    try {
      const preview = await this.#home.inTurn(async () => {
        try {
          return await draw(run);
        } catch (error) {
          if (!(error instanceof StaleHeadersError)) throw error;
          // The kept headers were forgotten: open the series once more without them.
          const stale = this.#opened;
          this.#opened = await this.#home.reopen();
          await stale.located.store.close();
          return await draw(run);
        }
      }, scope.signal);
      return this.#home.confinement?.preview(preview) ?? preview;
    } catch (error) {
      throw this.#told(error);
    } finally {
      scope.end();
    }
  }

  /** An error as callers are told it. */
  #told(error: unknown): unknown {
    const whole = withWarnings(error, this.#opened.warnings);
    return this.#home.confinement === undefined ? whole : this.#home.confinement.error(whole);
  }

  #scope(signal: AbortSignal | undefined): ReturnType<typeof openAbortScope> {
    return openAbortScope([signal, this.#closing.signal, this.#home.closing]);
  }

  #checkOpen(): void {
    if (this.#closing.signal.aborted || this.#home.closing.aborted) {
      throw new UsageError('This series has been closed: open it again.');
    }
  }
}
