import type { Size } from '../compose/cell-size.ts';
import { type ColourMap, colourMap } from '../pixels/colour/colour-maps.ts';
import { drawLabelMap, drawSegments, segmentColour } from '../pixels/colour/segments.ts';
import { chooseWindows, type FrameContrast } from '../pixels/contrast/choose-window.ts';
import type { ShownFrame } from '../pixels/contrast/grey-frame.ts';
import { GreyTables } from '../pixels/grey.ts';
import { renderFrame } from '../pixels/render.ts';
import type { Selection } from '../series/select.ts';
import type { DisplayImage } from '../types/pixels.ts';
import type { ColourMapName, PictureSettings, TileSettings } from '../types/settings.ts';
import type { VisibleMember } from './decoded-member.ts';
import type { SharedWindows } from './shared-windows.ts';

/** How to draw one tile. */
export interface TileContrast extends FrameContrast {
  /** Shared by all tiles of the picture, since most have the same contrast. */
  readonly tables: GreyTables;
}

export interface Contrast {
  /** For the selections that show amounts. Segments have no contrast. */
  readonly frames: ReadonlyMap<Selection, TileContrast>;
  readonly warnings: readonly string[];
}

/**
 * Chooses the windows of all tiles together: tiles with one window can be compared.
 *
 * @param shared which of them share one, and what the whole series stores; by default all that are shown
 */
export function chooseContrast(
  members: readonly VisibleMember[],
  settings: PictureSettings,
  shared?: SharedWindows,
): Contrast {
  const amounts = members.filter((member) => !showsSegments(member));
  const { contrast, windowIndex } = settings;
  const modality = members[0]?.header.modality ?? '';
  const chosen = chooseWindows(
    amounts.map((member) => shownFrameOf(member, shared)),
    { contrast, windowIndex, modality, seriesWindows: (kind, unit) => shared?.windowsOf(kind, unit) },
  );
  const tables = new GreyTables();
  const frames = new Map<Selection, TileContrast>();
  for (const [index, member] of amounts.entries()) {
    const frame = chosen.frames[index];
    if (frame !== undefined) frames.set(member.selection, { ...frame, tables });
  }
  return { frames, warnings: chosen.warnings };
}

/** The values of a segmentation name segments. If it has a palette, the palette colours them. */
function showsSegments({ header, frame }: VisibleMember): boolean {
  return header.segmentation !== undefined && frame.photometricInterpretation !== 'PALETTE COLOR';
}

/** How tiles are drawn, apart from their contrast. */
export type TileStyle = Pick<TileSettings, 'filter' | 'colourMap'>;

/**
 * The colour map for amounts that are not shown in grey: the asked one, and without one that of doses (PS3.3 C.8.8.3).
 * Images that have colours of their own keep them.
 */
export function colourMapOf({ header, frame }: VisibleMember, asked: ColourMapName | undefined): ColourMap | undefined {
  const name = asked ?? (header.modality === 'RTDOSE' ? 'dose' : 'grey');
  if (name === 'grey' || frame.samplesPerPixel !== 1 || !frame.photometricInterpretation.startsWith('MONOCHROME')) {
    return undefined;
  }
  return colourMap(name);
}

function shownFrameOf(member: VisibleMember, shared: SharedWindows | undefined): ShownFrame {
  const { frame, description, attributes, header } = member;
  return {
    frame,
    bitsStored: description.bitsStored,
    modality: attributes.modality,
    windows: attributes.windows,
    voiTables: attributes.voiTables,
    padding: header.padding,
    unit: attributes.unit,
    kind: shared?.kindOf(member.selection.ordered.member),
  };
}

/** Draws one tile of exactly the given size. */
export function renderTile(
  member: VisibleMember,
  contrast: TileContrast | undefined,
  size: Size,
  style: TileStyle,
): DisplayImage {
  if (showsSegments(member)) return renderSegments(member, size);
  const { frame, description, attributes, header, overlays } = member;
  const request = {
    frame,
    width: size.width,
    height: size.height,
    bitsStored: description.bitsStored,
    modality: contrast?.modality ?? attributes.modality,
    voi: contrast?.voi,
    padding: header.padding,
    presentationLutShape: header.presentationLutShape,
    palette: header.palette,
    supplementalPalette: header.palette?.supplemental === true ? header.palette : undefined,
    colourMap: colourMapOf(member, style.colourMap),
    filter: style.filter,
    overlays: { planes: overlays, rows: description.rows, columns: description.columns },
  };
  return renderFrame(request, contrast?.tables);
}

function renderSegments({ frame, segments, header, attributes }: VisibleMember, size: Size): DisplayImage {
  const { width, height } = size;
  const { segmentation } = header;
  const recommended = segmentation?.colours ?? new Map();
  if (segmentation?.type === 'LABELMAP') {
    const labels = new Set(frame.values);
    labels.delete(0);
    const colours = new Map([...labels].map((label) => [label, segmentColour(label, recommended)] as const));
    return drawLabelMap(frame, colours, width, height);
  }
  const layers = segments ?? [{ segmentNumber: attributes.segmentNumber ?? 1, frame }];
  return drawSegments(
    layers.map((layer) => ({
      frame: layer.frame,
      maximum: segmentation?.maximum ?? 1,
      colour: segmentColour(layer.segmentNumber, recommended),
    })),
    width,
    height,
  );
}
