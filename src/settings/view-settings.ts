import { UsageError } from '../base/errors.ts';
import { filmFormats } from '../compose/output-format.ts';
import { parseContrast } from '../pixels/contrast/presets.ts';
import type { ContrastSheetViewOptions, FilmViewOptions, PlanesViewOptions } from '../types/view-options.ts';
import type { ContrastSheetSettings, FilmSettings, NamedContrast, PlanesSettings } from '../types/view-settings.ts';
import { fraction, wholeNumber } from './option-checks.ts';
import { checkOptionNames, type Names, pictureNames, pictureSettings, rangeOf, runNames } from './settings.ts';

const { contrast: _contrast, ...namesWithoutContrast } = pictureNames;
const contrastSheetNames: Names<ContrastSheetViewOptions> = {
  ...namesWithoutContrast,
  ...{ contrasts: true, positions: true, samples: true, start: true, end: true, gap: true },
};

const planesNames: Names<PlanesViewOptions> = {
  ...runNames,
  ...{ imageWidth: true, contrast: true, windowIndex: true, strictPrivacy: true, labels: true, includePatient: true },
  ...{ width: true, background: true, colormap: true, format: true, quality: true, gap: true },
  ...{ maxByteLength: true, maxSide: true },
  ...{ at: true, projection: true, slab: true, full: true },
};

const {
  addresses: _addresses,
  crop: _crop,
  maxByteLength: _maxByteLength,
  maxSide: _maxSide,
  ...namesOfFrames
} = pictureNames;
const filmNames: Names<FilmViewOptions> = {
  ...namesOfFrames,
  ...{ along: true, fps: true, samples: true, loop: true, bounce: true, start: true, end: true },
};

type View = 'contrastSheet' | 'film' | 'planes';

/** The option names that the calls of these views know. */
export const viewOptionNames: Readonly<Record<View, Readonly<Record<string, true>>>> = {
  contrastSheet: contrastSheetNames,
  film: filmNames,
  planes: planesNames,
};

const maxContrasts = 16;
const maxSheetRows = 1000;

/** @throws UsageError for a value outside its range, and for positions together with samples or a range */
export function contrastSheetSettings(options: ContrastSheetViewOptions): ContrastSheetSettings {
  const { contrasts, positions, samples, start, end, labels = true, gap = 2, ...picture } = options;
  const other = (['samples', 'start', 'end'] as const).find((name) => options[name] !== undefined);
  if (positions !== undefined && other !== undefined) {
    throw new UsageError(
      `Expected either positions or ${other}, because each chooses the rows, but received both. Leave one of them out.`,
      { optionNames: ['positions', other] },
    );
  }
  if (positions !== undefined && (positions.length === 0 || positions.length > maxSheetRows)) {
    throw new UsageError(`Expected 1 to ${maxSheetRows} values for positions but received ${positions.length}.`, {
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
      `Expected 1 to ${maxContrasts} values for contrasts, such as lung and bone, but received ${Array.isArray(contrasts) ? contrasts.length : String(contrasts)}.`,
      { optionNames: ['contrasts'] },
    );
  }
  return contrasts.map((text: string) => {
    const name = text.trim().toLowerCase();
    return { name, choice: parseContrast(name === 'stored' ? undefined : text) };
  });
}

const planeNames = { axial: true, coronal: true, sagittal: true } as const;
const projections = ['max', 'mean', 'min'] as const;
const maxSlabMm = 10_000;
/** Narrower planes show nothing. */
const minPlaneWidth = 16;

/** @throws UsageError for a value outside its range */
export function planesSettings(options: PlanesViewOptions): PlanesSettings {
  const { at = {}, projection, slab, full = false, labels = true, gap = 4, ...picture } = options;
  checkOptionNames('at', at, planeNames);
  if (projection !== undefined && !projections.includes(projection)) {
    throw new UsageError(`Expected ${projections.join(', ')} for projection but received '${String(projection)}'.`, {
      optionNames: ['projection'],
    });
  }
  if (slab !== undefined && !(slab > 0 && slab <= maxSlabMm)) {
    throw new UsageError(
      `Expected a thickness in millimetres, more than 0 and up to ${maxSlabMm}, for slab but received ${String(slab)}.`,
      { optionNames: ['slab'] },
    );
  }
  const imageWidth =
    options.imageWidth ?? (options.width === undefined && options.maxSide === undefined ? 256 : undefined);
  if (typeof imageWidth === 'number') wholeNumber('imageWidth', imageWidth, { min: minPlaneWidth });
  const place = (plane: keyof typeof planeNames): number => fraction('at', at[plane] ?? 0.5);
  return {
    ...pictureSettings({ ...picture, imageWidth, labels, gap }),
    at: { axial: place('axial'), coronal: place('coronal'), sagittal: place('sagittal') },
    projection: projection ?? (slab === undefined ? undefined : 'mean'),
    slabMm: slab ?? Infinity,
    full,
  };
}

const alongs = ['space', 'time', 'frames'] as const;
const maxFilmFrames = 2000;

/** @throws UsageError for a value outside its range */
export function filmSettings(options: FilmViewOptions): FilmSettings {
  const { format = 'webp', along, fps, samples = 120, loop = true, bounce = false, start, end, ...picture } = options;
  if (!filmFormats.includes(format)) {
    throw new UsageError(`Expected ${filmFormats.join(', ')} as the format but received '${String(format)}'.`, {
      optionNames: ['format'],
    });
  }
  if (along !== undefined && !alongs.includes(along)) {
    throw new UsageError(`Expected ${alongs.join(', ')} for along but received '${String(along)}'.`, {
      optionNames: ['along'],
    });
  }
  if (fps !== undefined && !(fps >= 0.1 && fps <= 60)) {
    throw new UsageError(`Expected 0.1 to 60 frames per second for fps but received ${String(fps)}.`, {
      optionNames: ['fps'],
    });
  }
  const isSized = options.imageWidth !== undefined || options.width !== undefined || options.height !== undefined;
  return {
    // The format of pictures sets how large one side may be: that of WebP does for all films.
    ...pictureSettings({ ...picture, format: 'webp', imageWidth: isSized ? options.imageWidth : 256 }),
    ...{ filmFormat: format, along, framesPerSecond: fps, loop, bounce },
    samples: wholeNumber('samples', samples, { min: 1, max: maxFilmFrames }),
    ...rangeOf({ start, end }),
  };
}
