import { UsageError } from '../base/errors.ts';
import { checkOptionNames, checkSeriesName, seriesNames } from '../settings/settings.ts';
import { contrastSheetSettings, filmSettings, planesSettings, viewOptionNames } from '../settings/view-settings.ts';
import type { ContrastSheetOptions, FilmOptions, PlanesOptions } from '../types/view-options.ts';
import { rareViews } from '../views/rare-views.ts';
import { callOf, type PictureCall } from './create-picture.ts';

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
    draw: async (series, decoder, run) =>
      (await rareViews.contrastSheet()).contrastSheet(series, settings, decoder, run),
  };
}

/** @throws UsageError for options that make no sense, before anything is read */
export function planesCall(name: string, options: PlanesOptions = {}): PictureCall {
  checkSeriesName(name);
  checkOptionNames('createPlanes', options, { ...seriesNames, ...viewOptionNames.planes });
  const settings = planesSettings(options);
  return {
    ...callOf(name, options),
    settings,
    expected: { count: 1 },
    draw: async (series, decoder, run) => (await rareViews.planes()).planes(series, settings, decoder, run),
  };
}

/** @throws UsageError for options that make no sense, before anything is read */
export function filmCall(name: string, options: FilmOptions = {}): PictureCall {
  checkSeriesName(name);
  checkOptionNames('createFilm', options, { ...seriesNames, ...viewOptionNames.film });
  const settings = filmSettings(options);
  return {
    ...callOf(name, options),
    settings,
    expected: { count: settings.samples },
    draw: async (series, decoder, run) => (await rareViews.film()).film(series, settings, decoder, run),
  };
}
