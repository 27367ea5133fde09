import { cellSize, type Size, sizeInCell } from '../compose/cell-size.ts';
import { ShownGreys } from '../pixels/contrast/shown-greys.ts';
import { FrameMemory } from '../series/frames/frame-memory.ts';
import { attributesOf } from '../series/members.ts';
import type { Selection } from '../series/select.ts';
import type { DisplayImage } from '../types/pixels.ts';
import type { WindowSource } from '../types/report.ts';
import type { PictureSettings } from '../types/settings.ts';
import { naturalSizeOf, type VisibleMember } from './decoded-member.ts';
import { type Contrast, chooseContrast, renderTile, type TileContrast, type TileStyle } from './render-tile.ts';
import type { SharedWindows } from './shared-windows.ts';

/** Windows that no pixel has a say in. */
const fromHeaders: ReadonlySet<WindowSource> = new Set(['instance', 'series-median', 'preset', 'option']);

/** Pixels of all tiles together; a picture of more may prove too large to be made. */
const maxPixels = 2 ** 27;

/**
 * Draws each tile as soon as its pixels are there, and keeps no frame: the memory of all frames, and the time of getting
 * it from the system, are saved. It is possible where headers alone decide what tiles look like: grey images of one size
 * whose windows are stored or asked for. Whether these windows show anything is known when the last tile is drawn:
 * {@link EarlyTiles.isWrong}. What it saves: docs/decisions, "Tiles are drawn as they arrive".
 */
export class EarlyTiles {
  readonly memory: FrameMemory = new FrameMemory();
  /** What the tiles are drawn with, as the headers tell. */
  readonly contrast: Contrast;
  /** Bytes of all tiles together. */
  readonly byteLength: number;
  readonly #size: Size;
  readonly #style: TileStyle;
  readonly #tiles = new Map<Selection, DisplayImage>();
  /** By the group that a frame's window was chosen in. */
  readonly #greys = new Map<string, ShownGreys>();
  readonly #framesOf: ReadonlyMap<string, number>;
  #isOther = false;

  private constructor(contrast: Contrast, size: Size, style: TileStyle, count: number) {
    this.contrast = contrast;
    this.#size = size;
    this.#style = style;
    this.#framesOf = countGroups(contrast);
    // A colour map makes three of each grey.
    this.byteLength = count * size.width * size.height * 3;
  }

  /** undefined where the pixels must be seen before any tile can be drawn. */
  static plan(
    selections: readonly Selection[],
    settings: PictureSettings,
    shared?: SharedWindows,
  ): EarlyTiles | undefined {
    const { overlays, contrast: asked, filter } = settings;
    const { crop, skipBlank, height } = settings.layout;
    // The rest decides how large tiles are, or which there are.
    if (overlays || asked.kind === 'auto' || crop || skipBlank || height !== undefined || filter !== 'area') {
      return undefined;
    }
    const expected = selections.map(expectedMember).filter((member) => member !== undefined);
    const [first] = expected;
    if (first === undefined || expected.length < selections.length) return undefined;
    const { naturalSize } = first;
    if (!expected.every((member) => isSameSize(member.naturalSize, naturalSize))) return undefined;
    const contrast = chooseContrast(expected, settings, shared);
    if (!selections.every((selection) => isKnown(contrast.frames.get(selection)))) return undefined;
    const { imageWidth } = settings;
    const size = sizeInCell(naturalSize, cellSize([naturalSize], imageWidth), imageWidth);
    if (size.width * size.height * selections.length > maxPixels) return undefined;
    return new EarlyTiles(contrast, size, settings, selections.length);
  }

  /** Draws a member's tile. What comes back is the member without its values. */
  draw(member: VisibleMember): VisibleMember {
    const { frame, header, selection } = member;
    const contrast = this.contrast.frames.get(selection);
    // A codestream may hold something else than its header says.
    if (contrast?.voi === undefined || !isGrey(frame)) {
      this.#isOther = true;
      return member;
    }
    const measured = { values: frame.values, modality: contrast.modality, padding: header.padding };
    const windowed = { frame: measured, rowLength: frame.columns, voi: contrast.voi };
    const { group } = contrast;
    const greys = this.#greys.get(group) ?? new ShownGreys(this.#framesOf.get(group) ?? 1);
    greys.add(windowed);
    this.#greys.set(group, greys);
    this.#tiles.set(selection, renderTile(member, contrast, this.#size, this.#style));
    return { ...member, frame: { ...frame, values: frame.values.slice(0, 0) } };
  }

  /** The tile of a selection, where it has been drawn. */
  tileOf(selection: Selection): DisplayImage | undefined {
    return this.#tiles.get(selection);
  }

  /** Whether the windows show nothing, or a frame was another than its header said: all must be seen before drawing. */
  get isWrong(): boolean {
    return this.#isOther || [...this.#greys.values()].some(({ fault }) => fault !== undefined);
  }
}

function countGroups({ frames }: Contrast): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { group } of frames.values()) counts.set(group, (counts.get(group) ?? 0) + 1);
  return counts;
}

/** The member as it will be decoded, without values; undefined where only decoding will tell. */
function expectedMember(selection: Selection): VisibleMember | undefined {
  const { member } = selection.ordered;
  const { instance, level, layers } = member;
  const { header } = instance;
  const { pixels, unfolding, segmentation, palette } = header;
  const isPlain = [level, layers, unfolding, segmentation, palette].every((special) => special === undefined);
  if (!isPlain || pixels === undefined || header.modality === 'RTDOSE') return undefined;
  if (!instance.complete || instance.isFromSource === true) return undefined;
  const { rows, columns, samplesPerPixel, photometricInterpretation } = pixels;
  const values = pixels.pixelRepresentation === 1 ? new Int16Array(0) : new Uint16Array(0);
  const frame = { rows, columns, samplesPerPixel, values, photometricInterpretation };
  if (pixels.kind !== 'integer' || pixels.bitsAllocated > 16 || !isGrey(frame)) return undefined;
  const attributes = attributesOf(member);
  const naturalSize = naturalSizeOf({
    ...{ rows, columns, pixelSpacing: attributes.pixelSpacing, pixelAspectRatio: header.pixelAspectRatio },
  });
  const none = { segments: undefined, overlays: [], notes: [] };
  return { selection, frame, header, attributes, description: pixels, naturalSize, ...none };
}

function isKnown(contrast: TileContrast | undefined): boolean {
  const isFromHeader = contrast?.window != null && fromHeaders.has(contrast.window.source);
  return isFromHeader && contrast.modality.kind !== 'table';
}

function isGrey(frame: { readonly samplesPerPixel: number; readonly photometricInterpretation: string }): boolean {
  return frame.samplesPerPixel === 1 && /^MONOCHROME[12]$/.test(frame.photometricInterpretation);
}

function isSameSize(one: Size, other: Size): boolean {
  return one.width === other.width && one.height === other.height;
}
