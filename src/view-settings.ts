import { UsageError } from './base/errors.ts';
import { fraction, wholeNumber } from './option-checks.ts';
import { parseContrast } from './pixels/contrast/presets.ts';
import { type Names, pictureNames, pictureSettings, rangeOf } from './settings.ts';
import type { ContrastSheetViewOptions } from './types/view-options.ts';
import type { ContrastSheetSettings, NamedContrast } from './types/view-settings.ts';

const { contrast: _, ...namesWithoutContrast } = pictureNames;
const contrastSheetNames: Names<ContrastSheetViewOptions> = {
  ...namesWithoutContrast,
  ...{ contrasts: true, positions: true, samples: true, start: true, end: true, gap: true },
};

type View = 'contrastSheet';

/** The option names that the calls of these views know. */
export const viewOptionNames: Readonly<Record<View, Readonly<Record<string, true>>>> = {
  contrastSheet: contrastSheetNames,
};

const maxContrasts = 16;
const maxSheetRows = 1000;

/** @throws UsageError for a value outside its range, and for positions together with samples or a range */
export function contrastSheetSettings(options: ContrastSheetViewOptions): ContrastSheetSettings {
  const { contrasts, positions, samples, start, end, labels = true, gap = 2, ...picture } = options;
  if (positions !== undefined && [samples, start, end].some((other) => other !== undefined)) {
    throw new UsageError('Expected either positions, or samples, start and end, but received both.', {
      optionNames: ['positions', 'samples', 'start', 'end'],
    });
  }
  if (positions !== undefined && (positions.length === 0 || positions.length > maxSheetRows)) {
    throw new UsageError(`Expected 1 to ${maxSheetRows} positions but received ${positions.length}.`, {
      optionNames: ['positions'],
    });
  }
  return {
    ...pictureSettings({ ...picture, labels, gap, fit: true }),
    contrasts: namedContrasts(contrasts),
    positions: positions?.map((position) => fraction('positions', position)),
    samples: wholeNumber('samples', samples ?? 4, { min: 1, max: maxSheetRows }),
    ...rangeOf({ start, end }),
  };
}

function namedContrasts(contrasts: readonly string[]): readonly NamedContrast[] {
  if (!Array.isArray(contrasts) || contrasts.length === 0 || contrasts.length > maxContrasts) {
    throw new UsageError(
      `Expected 1 to ${maxContrasts} contrasts, such as lung and bone, but received ${Array.isArray(contrasts) ? contrasts.length : String(contrasts)}.`,
      { optionNames: ['contrasts'] },
    );
  }
  return contrasts.map((text: string) => {
    const name = text.trim().toLowerCase();
    return { name, choice: parseContrast(name === 'stored' ? undefined : text) };
  });
}
