export * from './base/errors.ts';
export { createContrastSheet, createFilm, createPlanes } from './calls/create-views.ts';
export {
  buildIndex,
  clearIndex,
  getIndex,
  listIdcSeries,
  searchIdc,
} from './calls/header-index-calls.ts';
export { planContrastSheet, planImage, planMosaic } from './calls/plan-picture.ts';
export {
  createImage,
  createMosaic,
  createPreviewer,
  type PictureResult,
  type Previewer,
  type PreviewerOptions,
  type SeriesList,
} from './calls/previewer.ts';
export type { Series } from './calls/series.ts';
export { filmFormatOf, mosaicFormatOf, outputFormatOf } from './compose/output-format.ts';
export { type TerminalOptions, terminalPicture } from './compose/terminal-picture.ts';
export type { TerminalProtocol } from './compose/terminal-protocols.ts';
export { checkWritable, withOutputPath, writeWhole } from './compose/write-output.ts';
export type { HeaderIndexRow } from './header-index/columns.ts';
export { idcRoots } from './header-index/idc/idc-buckets.ts';
export type { IdcFilters, IdcListedSeries } from './header-index/idc/idc-list.ts';
export { contrastPresets } from './pixels/contrast/presets.ts';
export { openSink, type SinkOptions } from './storage/open-sink.ts';
export type * from './types/attributes.ts';
export type { SeriesFrame } from './types/frames.ts';
export type * from './types/idc-search.ts';
export type { EdgeLetters, ImageComponent, Orientation, Vector3 } from './types/instance.ts';
export type * from './types/kept-index.ts';
export type { Limits } from './types/limits.ts';
export type * from './types/listed-series.ts';
export type * from './types/options.ts';
export type { StoredValues, VoiFunction, VoiWindow } from './types/pixels.ts';
export type * from './types/reading-plan.ts';
export type * from './types/report.ts';
export type * from './types/series-info.ts';
export type { ContrastPreset } from './types/settings.ts';
export type { Sink, SinkFile } from './types/sink.ts';
export type * from './types/view-options.ts';
