import type { CallToolResult } from '@modelcontextprotocol/server';
import type {
  OutputFormat,
  PictureViewOptions,
  PlanesReport,
  Preview,
  Series,
  TileReport,
  TileWindow,
} from '../index.ts';
import { quoted, quotedMessage } from './quoted.ts';
import type { Session } from './session.ts';
import type { PictureKind, ShownPicture } from './shown-pictures.ts';
import type { Look } from './tools/arguments.ts';

/** The side that is asked for unless a call says otherwise. Makers of models scale larger pictures down. */
const usualSide = 1024;
const usualByteLength = 400_000;
/** Clients refuse more than 1,048,576 characters of base64. */
const maxByteLength = 786_432;
/** Clients refuse pictures that are longer or wider than this. */
const maxSide = 8000;
const maxWarnings = 10;

/** JPEG, which all models read. Letters stay sharp at this quality. */
const encoding: { readonly format: OutputFormat; readonly quality: number } = { format: 'jpeg', quality: 80 };

/** Labels and addresses are on, and no attribute of the patient is. */
const drawn: PictureViewOptions = { labels: true, addresses: true, includePatient: false, includeLabel: false };

/** How the library is to draw for a model. */
export function lookOptions({ maxSide: side, ...look }: Look): PictureViewOptions {
  return {
    ...{ ...drawn, ...look, ...encoding, maxSide: side },
    maxByteLength: side <= usualSide ? usualByteLength : maxByteLength,
  };
}

/** The same, as large as clients take a picture, for images of such a size. */
export function fullOptions(
  look: Look,
  series: Series,
  { columns, rows }: { readonly columns: number; readonly rows: number },
): PictureViewOptions {
  const [size] = series.info.sizes;
  const side = Math.max(columns * (size?.columns ?? usualSide), rows * (size?.rows ?? usualSide));
  const bounded = Math.min(maxSide, Math.max(usualSide, side));
  return { ...lookOptions({ ...look, maxSide: bounded }), quality: 90, maxByteLength };
}

/** Where the full size of a picture is read. */
export function pictureUri(name: string): string {
  return `dicom-series-preview://picture/${name}`;
}

export interface Shown {
  readonly kind: PictureKind;
  readonly preview: Preview;
  readonly series: Series;
  readonly name: string;
  readonly root: number;
  readonly drawFull: ShownPicture['drawFull'];
}

/**
 * A picture as an answer: the image, and beside it in words which series, and what each tile shows. There is no structured
 * content, because clients that see some do not show the image.
 */
export function pictureAnswer(
  session: Session,
  { kind, preview, series, name, root, drawFull }: Shown,
): CallToolResult {
  const { bytes, report } = preview;
  const picture = session.pictures.add({ kind, root, series: name, drawFull }, report.tiles);
  const { output, tiles } = report;
  const { modality, instances, frames, orientation } = report.series;
  const { seriesDescription, bodyPartExamined } = series.info;
  const windows = sharedWindow(tiles);
  const text = {
    picture: `${kind} ${picture.name}`,
    series: { series: quoted(name), root, modality: quoted(modality), instances, frames, orientation },
    quotedFromDicom: { seriesDescription: quoted(seriesDescription), bodyPartExamined: quoted(bodyPartExamined) },
    ...warningsOf(preview),
    size: { width: output.width, height: output.height, byteLength: output.byteLength },
    ...(report.planes === undefined ? tilesText(preview, windows.shared) : planesText(report.planes)),
  };
  return {
    content: [
      { type: 'image', data: Buffer.from(bytes).toString('base64'), mimeType: `image/${output.format}` },
      { type: 'text', text: JSON.stringify(text) },
      {
        ...{ type: 'resource_link', uri: pictureUri(picture.name), name: `${kind} ${picture.name}, full size` },
        ...{ mimeType: 'image/jpeg', description: 'The same picture with as many pixels as its images have.' },
      },
    ],
  };
}

function warningsOf({ report }: Preview): {
  readonly warnings?: readonly string[];
  readonly notes?: readonly string[];
} {
  const { warnings, notes = [] } = report;
  const told = warnings.slice(0, maxWarnings).map(quotedMessage);
  if (warnings.length > told.length) told.push(`${warnings.length - told.length} more warnings.`);
  return {
    ...(told.length === 0 ? {} : { warnings: told }),
    ...(notes.length === 0 ? {} : { notes: notes.slice(0, maxWarnings).map(quotedMessage) }),
  };
}

/** Where the tiles lie, and what each shows. */
function tilesText(
  { report: { output, tiles } }: Preview,
  window: WindowText | undefined,
): Readonly<Record<string, unknown>> {
  return {
    grid: output.grid,
    ...(window === undefined ? {} : { window }),
    ...tileTable(tiles, window === undefined),
  };
}

/** Where each plane lies, in the picture and in the stack. */
function planesText({ shown, window, ...planes }: PlanesReport): Readonly<Record<string, unknown>> {
  return {
    ...planes,
    window: window === null ? null : windowText(window),
    shown: shown.map(({ image, ...plane }) => ({
      ...plane,
      sopInstanceUid: image === null ? null : quoted(image.sopInstanceUid),
    })),
  };
}

interface WindowText {
  readonly width: number;
  readonly center: number;
  readonly source: string;
}

function windowText({ width, center, source }: TileWindow): WindowText {
  return { width: rounded(width), center: rounded(center), source };
}

/** The window of all tiles, where they have one in common. */
function sharedWindow(tiles: readonly TileReport[]): { readonly shared: WindowText | undefined } {
  const [first, ...others] = tiles.flatMap(({ window, error }) => (error === undefined ? [window] : []));
  if (first === undefined || first === null) return { shared: undefined };
  const isShared = others.every((other) => other !== null && same(other, first));
  return { shared: isShared ? windowText(first) : undefined };
}

function same(one: TileWindow, other: TileWindow): boolean {
  return one.center === other.center && one.width === other.width && one.source === other.source;
}

/**
 * What each tile shows, in few characters: UIDs of a series begin alike and are the longest part, so their common beginning
 * is told once.
 */
function tileTable(tiles: readonly TileReport[], withWindows: boolean): Readonly<Record<string, unknown>> {
  const prefix = commonPrefix(tiles.map(({ sopInstanceUid }) => sopInstanceUid));
  const entries = tiles.map((tile): readonly [string, unknown] => {
    if (tile.error !== undefined) return [tile.address, { error: quotedMessage(tile.error.message) }];
    const { window, positionMm, frame, sopInstanceUid, volume } = tile;
    const mm = positionMm === null ? null : rounded(positionMm);
    const basic = [quoted(sopInstanceUid.slice(prefix.length)), frame, mm];
    const extra = [
      ...(withWindows ? [window === null ? null : [rounded(window.width), rounded(window.center)]] : []),
      ...(volume === undefined ? [] : [volume.number]),
      ...(tile.contrast === undefined ? [] : [tile.contrast]),
    ];
    return [tile.address, [...basic, ...extra]];
  });
  const hasVolumes = tiles.some(({ volume }) => volume !== undefined);
  const hasContrasts = tiles.some(({ contrast }) => contrast !== undefined);
  return {
    sopInstanceUidsBeginWith: quoted(prefix),
    tileColumns: [
      ...['rest of SOP Instance UID', 'frame', 'position in mm'],
      ...(withWindows ? ['window [width, center]'] : []),
      ...(hasVolumes ? ['volume'] : []),
      ...(hasContrasts ? ['contrast'] : []),
    ],
    tiles: Object.fromEntries(entries),
  };
}

/** The beginning that all UIDs have, up to a dot. A single UID is not split. */
function commonPrefix(uids: readonly string[]): string {
  const [first = '', ...others] = uids;
  if (others.length === 0) return '';
  let { length } = first;
  for (const other of others) while (!other.startsWith(first.slice(0, length))) length--;
  return first.slice(0, first.lastIndexOf('.', length - 1) + 1);
}

function rounded(value: number): number {
  return Number(value.toPrecision(7));
}
