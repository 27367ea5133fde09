import { round } from '../../base/numbers.ts';
import { printable, printableLines } from '../../base/printable.ts';
import type { TileLook } from '../../pixels/look-at-tile.ts';
import { reportUnreadable } from '../../series/header-pass/findings.ts';
import type { UnreadableObject } from '../../series/header-pass/scan.ts';
import { type DecodedMember, isVisible } from '../../tiles/decoded-member.ts';
import { colourMapOf } from '../../tiles/render-tile.ts';
import type { Member } from '../../types/members.ts';
import type { DisplayImage } from '../../types/pixels.ts';
import type {
  DraftReport,
  FilmFormat,
  FilmReport,
  GridReport,
  IndexReport,
  OutputFormat,
  PlanesReport,
  PreviewReport,
  TileReport,
  TileWindow,
} from '../../types/report.ts';
import type { PrivacyRisk } from '../../types/series-info.ts';
import type { ColourMapName } from '../../types/settings.ts';
import type { PicturePlan } from './choose-tiles.ts';
import { addressOf } from './label-texts.ts';

/** Milliseconds of each stage. */
export type Timings = Omit<PreviewReport['timingsMs'], 'total'>;

/** What a report needs of a plan. */
type ReportedPlan = Pick<PicturePlan, 'instances' | 'ordered'> & Partial<Pick<PicturePlan, 'volumes' | 'notes'>>;

export interface ReportParts {
  readonly plan: ReportedPlan;
  readonly shown: readonly DecodedMember[];
  /** One entry a tile. */
  readonly windows: readonly (TileWindow | null)[];
  /** One entry a tile; undefined for those that nobody looked at. */
  readonly looks?: readonly (TileLook | undefined)[] | undefined;
  /** Of the encoded picture. */
  readonly picture: Pick<DisplayImage, 'width' | 'height'>;
  /** Where the bytes were limited: the quality that came out. */
  readonly quality?: number | undefined;
  readonly grid: GridReport;
  readonly colourMap: ColourMapName | undefined;
  /** One entry a tile, where contrasts were named. */
  readonly contrastNames?: readonly string[] | undefined;
  readonly planes?: PlanesReport | undefined;
  readonly film?: FilmReport | undefined;
  readonly format: OutputFormat | FilmFormat | 'html';
  readonly byteLength: number;
  readonly io: PreviewReport['io'];
  readonly timings: Timings;
  readonly warnings: readonly string[];
  readonly unreadable: readonly UnreadableObject[];
  readonly privacy: readonly PrivacyRisk[];
  readonly index: IndexReport | undefined;
  readonly draft: DraftReport | undefined;
  /** Instances and members of the whole series, as a draft estimates them; undefined where they are known. */
  readonly estimated: { readonly instances: number; readonly members: number } | undefined;
}

/** The report of a picture. Nothing in it describes the patient, and no control character is in it. */
export function buildReport(parts: ReportParts): PreviewReport {
  const { picture, byteLength, format, io, timings, estimated } = parts;
  const { notes = [] } = parts.plan;
  const rounded = mapNumbers(timings, toTenths);
  const total = toTenths(Object.values(timings).reduce((sum, value) => sum + value, 0));
  return {
    schema: 1,
    series: reportSeries(parts.plan, estimated),
    tiles: parts.shown.map((item, tile) => reportTile(item, tile, parts)),
    ...(parts.planes === undefined ? {} : { planes: parts.planes }),
    ...(parts.film === undefined ? {} : { film: parts.film }),
    output: {
      ...{ path: null, format, width: picture.width, height: picture.height, byteLength, grid: parts.grid },
      ...(parts.quality === undefined ? {} : { quality: parts.quality }),
    },
    io,
    timingsMs: { ...rounded, total },
    warnings: parts.warnings.map(printableLines),
    ...(parts.privacy.length === 0 ? {} : { privacy: parts.privacy }),
    ...(notes.length === 0 ? {} : { notes }),
    ...(parts.unreadable.length === 0 ? {} : { unreadable: parts.unreadable.map(reportUnreadable) }),
    ...(parts.index === undefined ? {} : { index: parts.index }),
    ...(parts.draft === undefined ? {} : { draft: parts.draft }),
  };
}

/** What a report says of the series. */
export function reportSeries(
  { ordered, instances, volumes }: ReportedPlan,
  estimated: ReportParts['estimated'],
): PreviewReport['series'] {
  const header = instances[0]?.header;
  return {
    seriesInstanceUid: printable(header?.seriesInstanceUid ?? ''),
    studyInstanceUid: printable(header?.studyInstanceUid ?? ''),
    modality: printable(header?.modality ?? ''),
    instances: estimated?.instances ?? instances.length,
    frames: estimated?.members ?? ordered.members.length,
    orientation: ordered.orientation,
    orderedBy: ordered.orderedBy,
    ...(volumes === undefined ? {} : { volumes: volumes.volumes.map(({ info }) => info) }),
  };
}

/** Where the tiles lie in a picture that was made smaller to fit its bytes. */
export function scaledGrid(grid: GridReport, scale: number): GridReport {
  if (scale === 1) return grid;
  const scaled = (pixels: number): number => round(pixels * scale, 100);
  const { columns, rows } = grid;
  return {
    ...{ columns, rows, left: scaled(grid.left), top: scaled(grid.top) },
    ...{ cellWidth: scaled(grid.cellWidth), cellHeight: scaled(grid.cellHeight), gap: scaled(grid.gap) },
  };
}

function reportTile(item: DecodedMember, tile: number, parts: ReportParts): TileReport {
  const { index, ordered } = item.selection;
  const { instance, frameIndex } = ordered.member;
  const cut = isVisible(item) ? item.frame.incomplete : undefined;
  const error = cut === undefined ? item.error : { code: 'decode' as const, message: cut };
  const colourMap = isVisible(item) ? colourMapOf(item, parts.colourMap) : undefined;
  const contrastName = parts.contrastNames?.[tile];
  const window = parts.windows[tile] ?? null;
  const look = parts.looks?.[tile];
  return {
    index,
    ...cellOf(parts.film === undefined ? tile : 0, parts.grid.columns),
    key: printable(instance.key),
    sopInstanceUid: printable(instance.header.sopInstanceUid),
    instanceNumber: instance.header.instanceNumber ?? null,
    frame: frameIndex + 1,
    positionMm: ordered.positionMm === undefined ? null : round(ordered.positionMm, 1e4),
    position: round(ordered.position, 1e6),
    ...(parts.estimated === undefined ? {} : { estimated: true as const }),
    ...volumeOf(ordered.member, parts.plan),
    window,
    ...(contrastName === undefined ? {} : { contrast: printable(contrastName) }),
    ...(ordered.member.level === undefined ? {} : { shows: 'overview' as const }),
    ...(colourMap === undefined ? {} : { colourMap: colourMap.name }),
    ...(look?.isBlank === true ? { blank: true as const } : {}),
    ...(look?.isClipped === true && window !== null ? { clipped: true as const } : {}),
    ...(error === undefined ? {} : { error: { code: error.code, message: error.message } }),
  };
}

function volumeOf(member: Member, { volumes }: ReportedPlan): Pick<TileReport, 'volume'> {
  const info = volumes?.volumeOf(member)?.info;
  if (info === undefined) return {};
  const { images: _images, missingPlaces: _missing, ...volume } = info;
  return { volume };
}

/** The tiles of a film all lie in its one cell. */
function cellOf(tile: number, columns: number): Pick<TileReport, 'address' | 'row' | 'column'> {
  return { address: addressOf(tile, columns), row: Math.trunc(tile / columns), column: tile % columns };
}

function toTenths(value: number): number {
  return round(value, 10);
}

function mapNumbers(timings: Timings, change: (value: number) => number): Timings {
  return {
    list: change(timings.list),
    headers: change(timings.headers),
    pixels: change(timings.pixels),
    render: change(timings.render),
    encode: change(timings.encode),
  };
}
