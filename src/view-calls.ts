import { UsageError } from './base/errors.ts';
import { callOf, type PictureCall } from './create-picture.ts';
import { checkOptionNames, checkSeriesName, seriesNames } from './settings.ts';
import type { ContrastSheetOptions } from './types/view-options.ts';
import { contrastSheetSettings, viewOptionNames } from './view-settings.ts';
import { contrastSheet } from './views/contrast-sheet.ts';

/** @throws UsageError for options that make no sense, before anything is read */
export function contrastSheetCall(name: string, options: ContrastSheetOptions): PictureCall {
  checkSeriesName(name);
  if (options === undefined) {
    throw new UsageError('Expected options with contrasts for createContrastSheet but received none.');
  }
  checkOptionNames('createContrastSheet', options, { ...seriesNames, ...viewOptionNames.contrastSheet });
  const settings = contrastSheetSettings(options);
  return {
    ...callOf(name, options),
    settings,
    expected: { count: settings.positions?.length ?? settings.samples },
    draw: (series, decoder, run) => contrastSheet(series, settings, decoder, run),
  };
}
