import { counted } from '../../base/counted.ts';
import type { TileLabels } from '../../compose/labels.ts';
import { attributesOf } from '../../series/members.ts';
import type { OrderedMember } from '../../series/order.ts';
import { edgeLetters, edgeLettersOfPatientOrientation } from '../../series/orientation-letters.ts';
import { type DecodedMember, isVisible } from '../../tiles/decoded-member.ts';
import type { FrameAttributes, InstanceHeader } from '../../types/instance.ts';
import type { TileWindow } from '../../types/report.ts';
import type { LayoutSettings } from '../../types/settings.ts';

/** What differs from tile to tile, besides the place. */
type Kind = 'diffusionBValue' | 'echoTimeMs' | 'imageComponent' | 'time';

/**
 * The modalities whose images are shadows of a body between tube and detector: their spacing is that at the detector,
 * so that a scale bar would be too long for what is in the body.
 */
const projectionModalities = new Set(['CR', 'DX', 'MG', 'IO', 'PX', 'RF', 'RG', 'XA']);

/** The address of a tile: its column in letters and its row in digits, from A1. */
export function addressOf(tile: number, columns: number): string {
  let letters = '';
  for (let left = (tile % columns) + 1; left > 0; left = Math.floor((left - 1) / 26)) {
    letters = String.fromCodePoint(65 + ((left - 1) % 26)) + letters;
  }
  return `${letters}${Math.floor(tile / columns) + 1}`;
}

/** What varies among these members, so that tiles must tell it. */
export function varyingKinds(members: readonly OrderedMember[]): ReadonlySet<Kind> {
  const seen = new Map<Kind, unknown>();
  const varying = new Set<Kind>();
  for (const { member } of members) {
    const attributes = attributesOf(member);
    for (const kind of ['diffusionBValue', 'echoTimeMs', 'imageComponent', 'time'] as const) {
      const value = kind === 'time' ? timeOf(attributes) : attributes[kind];
      if (seen.has(kind) && seen.get(kind) !== value) varying.add(kind);
      seen.set(kind, value);
    }
  }
  return varying;
}

function timeOf({ temporalPosition, triggerTime }: FrameAttributes): string | undefined {
  if (triggerTime !== undefined) return `${round(triggerTime)} ms`;
  return temporalPosition === undefined ? undefined : `t${temporalPosition}`;
}

/** What is written on one tile. `pixelsPerMm` is that of the drawn tile. */
export function tileLabels(
  item: DecodedMember,
  tile: number,
  columns: number,
  { labels, addresses }: Pick<LayoutSettings, 'labels' | 'addresses'>,
  varying: ReadonlySet<Kind>,
  drawnWidth: number,
): TileLabels {
  const address = addresses ? addressOf(tile, columns) : undefined;
  if (!labels) return { address, name: [], kind: [] };
  if (!isVisible(item)) return { address, ...nameOf(item), kind: [] };
  const { attributes } = item;
  const { laterality, imageOrientationPatient, patientOrientation } = attributes;
  return {
    address,
    ...nameOf(item),
    side: laterality === undefined || laterality === '' ? undefined : `Lat ${laterality}`,
    kind: kindOf(attributes, varying),
    letters:
      imageOrientationPatient === undefined
        ? patientOrientation && edgeLettersOfPatientOrientation(patientOrientation)
        : edgeLetters(imageOrientationPatient),
    pixelsPerMm: pixelsPerMm(item, drawnWidth),
  };
}

function pixelsPerMm(item: DecodedMember & { readonly error?: undefined }, drawnWidth: number): number | undefined {
  const { pixelSpacing } = item.attributes;
  if (pixelSpacing === undefined || projectionModalities.has(item.header.modality)) return undefined;
  return drawnWidth / (item.description.columns * pixelSpacing[1]);
}

function nameOf({ selection }: DecodedMember): Pick<TileLabels, 'name' | 'place'> {
  const { positionMm } = selection.ordered;
  const place = positionMm === undefined ? undefined : `${round(positionMm)} mm`;
  return { name: [`${selection.index + 1}`], place };
}

function kindOf(attributes: FrameAttributes, varying: ReadonlySet<Kind>): readonly string[] {
  const { diffusionBValue, echoTimeMs, imageComponent } = attributes;
  const texts = [
    varying.has('diffusionBValue') && diffusionBValue !== undefined ? `b${round(diffusionBValue)}` : '',
    varying.has('echoTimeMs') && echoTimeMs !== undefined ? `TE ${round(echoTimeMs)}` : '',
    varying.has('time') ? (timeOf(attributes) ?? '') : '',
    varying.has('imageComponent') && imageComponent !== undefined ? imageComponent.slice(0, 3) : '',
  ].filter((text) => text !== '');
  return texts.map((_, left) => texts.slice(0, texts.length - left).join(' '));
}

/** Without digits that nobody reads: 12.3, 123. */
function round(value: number): string {
  return Math.abs(value) < 100 ? String(Math.round(value * 10) / 10) : String(Math.round(value));
}

/** The parts of the header above the tiles. */
export function headerParts(
  header: InstanceHeader | undefined,
  windows: readonly (TileWindow | null)[],
  counts: { readonly shown: number; readonly members: number; readonly instances: number },
  includePatient: boolean,
  contrastNames?: readonly string[],
): readonly string[] {
  const { shown, members, instances } = counts;
  const unit = members === instances ? 'image' : 'frame';
  const date = /^(\d{4})(\d{2})(\d{2})$/.exec(header?.seriesDate ?? '');
  return [
    `${header?.modality ?? ''} ${header?.seriesDescription ?? ''}`.trim(),
    ...(contrastNames === undefined ? [windowText(windows)] : namedWindows(contrastNames, windows)),
    `${shown} of ${counted(members, unit)}`,
    ...(includePatient && date !== null ? [date.slice(1).join('-')] : []),
  ];
}

function windowText(windows: readonly (TileWindow | null)[]): string {
  const texts = new Set(
    windows.flatMap((window) =>
      window === null ? [] : `W ${significant(window.width)} C ${significant(window.center)}`,
    ),
  );
  const [first] = texts;
  if (first === undefined) return '';
  return texts.size === 1 ? first : 'windows differ';
}

/** Each contrast once, with its window where all tiles of it have the same. */
function namedWindows(names: readonly string[], windows: readonly (TileWindow | null)[]): readonly string[] {
  return [...new Set(names)].map((name) => {
    const text = windowText(windows.filter((_, tile) => names[tile] === name));
    return text === '' ? name : `${name}: ${text}`;
  });
}

function significant(value: number): string {
  return String(Number(value.toPrecision(4)));
}
