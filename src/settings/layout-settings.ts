import { UsageError } from '../base/errors.ts';
import { nearestName } from '../base/nearest-name.ts';
import { colourMapNames } from '../pixels/colour/colour-maps.ts';
import type { MosaicViewOptions } from '../types/options.ts';
import type { ColourMapName, LayoutSettings, ResizeFilter } from '../types/settings.ts';
import { wholeNumber } from './option-checks.ts';

const filters: readonly ResizeFilter[] = ['area', 'lanczos', 'nearest'];
const maxCanvasSide = 16_384;
const minCanvasSide = 16;

/** @throws UsageError for a value outside its range */
export function layoutSettings(options: Omit<MosaicViewOptions, 'format'>): LayoutSettings {
  checkSizes(options);
  const { maxSide } = options;
  const { width = maxSide, height = maxSide } = options;
  const side = { min: minCanvasSide, max: maxCanvasSide };
  return {
    labels: options.labels ?? false,
    addresses: options.addresses ?? false,
    includePatient: options.includePatient ?? false,
    maxSide: maxSide === undefined ? undefined : wholeNumber('maxSide', maxSide, side),
    width: width === undefined ? undefined : wholeNumber('width', width, side),
    height: height === undefined ? undefined : wholeNumber('height', height, side),
    background: colourOf('background', options.background ?? 'black'),
    crop: options.crop ?? false,
    fit: options.fit ?? false,
    skipBlank: options.skipBlank ?? false,
    gap: wholeNumber('gap', options.gap ?? 0, { min: 0, max: 256 }),
    border: wholeNumber('border', options.border ?? 0, { min: 0, max: 64 }),
  };
}

/** @throws UsageError where two options set the size of the picture; it names those two and no other, which the call may not have */
function checkSizes(options: Omit<MosaicViewOptions, 'format'>): void {
  const given = (['maxSide', 'imageWidth', 'width', 'height'] as const).filter((name) => options[name] !== undefined);
  const [one, other] = given;
  if (one === undefined || other === undefined || one === 'width') return;
  throw new UsageError(
    `Expected either ${one} or ${other}, because each sets the size of the picture, but received both. Leave one of them out.`,
    { optionNames: [one, other] },
  );
}

/** @throws UsageError for another name than area, lanczos or nearest */
export function filterOf(filter: string | undefined): ResizeFilter {
  return oneOf('filter', filter ?? 'area', filters);
}

/** @throws UsageError for a name that no colour map has */
export function colourMapOption(name: string | undefined): ColourMapName | undefined {
  if (name === undefined) return undefined;
  return oneOf('colormap', name.toLowerCase() === 'gray' ? 'grey' : name.toLowerCase(), colourMapNames);
}

function oneOf<Name extends string>(option: string, value: string, names: readonly Name[]): Name {
  const found = names.find((name) => name === value);
  if (found !== undefined) return found;
  const nearest = nearestName(value, [...names]);
  const hint = nearest === undefined ? '' : ` Did you mean '${nearest}'?`;
  throw new UsageError(`Expected ${names.join(', ')} for ${option} but received '${value}'.${hint}`, {
    optionNames: [option],
  });
}

const namedColours: ReadonlyMap<string, string> = new Map([
  ['black', '#000000'],
  ['white', '#ffffff'],
  ['grey', '#808080'],
  ['gray', '#808080'],
]);

function colourOf(option: string, text: string): LayoutSettings['background'] {
  const named = namedColours.get(text.toLowerCase()) ?? text;
  const short = /^#([0-9a-f])([0-9a-f])([0-9a-f])$/i.exec(named);
  const long = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(named);
  const digits = short?.slice(1).map((digit) => digit + digit) ?? long?.slice(1);
  const [red, green, blue] = digits?.map((pair) => Number.parseInt(pair, 16)) ?? [];
  if (red !== undefined && green !== undefined && blue !== undefined) return [red, green, blue];
  throw new UsageError(
    `Expected black, white, grey or a colour such as #1a2b3c for ${option} but received '${text}'.`,
    {
      optionNames: [option],
    },
  );
}
