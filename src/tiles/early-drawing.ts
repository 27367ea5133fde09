import { cellSize, type Size, sizeInCell } from '../compose/cell-size.ts';
import { clippedEndOf, countEnds, type EndCounts } from '../pixels/contrast/clipping.ts';
import { GreyTables } from '../pixels/grey.ts';
import { FrameMemory } from '../series/frames/frame-memory.ts';
import { attributesOf } from '../series/members.ts';
import type { Selection } from '../series/select.ts';
import type { DisplayImage } from '../types/pixels.ts';
import type { WindowSource } from '../types/report.ts';
import type { PictureSettings } from '../types/settings.ts';
import { naturalSizeOf, type VisibleMember } from './decode-members.ts';
import { chooseContrast, renderTile, type TileContrast } from './render-tile.ts';

/** Windows that no pixel has a say in. */
const fromHeaders: ReadonlySet<WindowSource> = new Set(['instance', 'series-median', 'voi-lut', 'preset', 'option']);

/** What a tile will look like. */
interface TilePlan {
  readonly contrast: TileContrast;
  readonly size: Size;
}

/**
 * Draws each tile as soon as its pixels are there, and keeps no frame. That takes no time where other pixels are still on
 * their way, and where they are not, it saves the memory of all frames and the time of filling it. It is possible where
 * the headers alone decide what tiles look like: grey images whose windows are stored or asked for. Whether these windows
 * show anything at all is known in the end: {@link EarlyDrawing.isWrong}.
 */
export class EarlyDrawing {
  /** The frames' bytes lie in here one after the other. */
  readonly memory: FrameMemory = new FrameMemory();
  readonly #plans: ReadonlyMap<Selection, TilePlan>;
  readonly #tiles = new Map<Selection, DisplayImage>();
  readonly #counts: EndCounts[] = [];
  readonly #countingTables = new GreyTables();
  #isOther = false;

  private constructor(plans: ReadonlyMap<Selection, TilePlan>) {
    this.#plans = plans;
  }

  /** Undefined where the pixels must be seen before any tile can be drawn. */
  static of(selections: readonly Selection[], settings: PictureSettings): EarlyDrawing | undefined {
    if (settings.overlays || settings.contrast.kind === 'auto') return undefined;
    const expected: VisibleMember[] = [];
    for (const selection of selections) {
      const member = expectedMember(selection);
      if (member === undefined) return undefined;
      expected.push(member);
    }
    const { frames } = chooseContrast(expected, settings);
    const [first] = expected;
    if (first === undefined) return undefined;
    const { imageWidth } = settings;
    const cell = cellSize([first.naturalSize], imageWidth);
    const plans = new Map<Selection, TilePlan>();
    for (const member of expected) {
      const contrast = frames.get(member);
      const isKnown = contrast?.window != null && fromHeaders.has(contrast.window.source);
      if (!isKnown || contrast === undefined || !isSameSize(member.naturalSize, first.naturalSize)) return undefined;
      plans.set(member.selection, { contrast, size: sizeInCell(member.naturalSize, cell, imageWidth) });
    }
    return new EarlyDrawing(plans);
  }

  /** Draws a member's tile. What comes back is the member without its values. */
  draw(member: VisibleMember): VisibleMember {
    const { frame, header, selection } = member;
    const plan = this.#plans.get(selection);
    // A codestream may hold something else than its header says.
    const voi = plan?.contrast.voi;
    if (plan === undefined || voi === undefined || !isGrey(frame)) {
      this.#isOther = true;
      return member;
    }
    const { contrast, size } = plan;
    const { modality } = contrast;
    const measured = { values: frame.values, modality, padding: header.padding };
    const windowed = { frame: measured, rowLength: frame.columns, voi };
    this.#counts.push(countEnds(windowed, this.#plans.size, this.#countingTables));
    this.#tiles.set(selection, renderTile(member, contrast, size));
    return { ...member, frame: { ...frame, values: frame.values.slice(0, 0) } };
  }

  /** The tile of a selection, where it has been drawn. */
  tileOf(selection: Selection): DisplayImage | undefined {
    return this.#tiles.get(selection);
  }

  /** Whether the windows show nothing, or a frame was another than its header said: all must be seen before drawing. */
  get isWrong(): boolean {
    return this.#isOther || clippedEndOf(this.#counts) !== undefined;
  }
}

/** The member as it will be decoded, without values; undefined where only decoding will tell, or the headers do not. */
function expectedMember(selection: Selection): VisibleMember | undefined {
  const { member } = selection.ordered;
  const { instance } = member;
  const { header } = instance;
  const { pixels } = header;
  if (member.level !== undefined || member.layers !== undefined || pixels === undefined) return undefined;
  if (!instance.complete || instance.isFromSource === true || header.unfolding !== undefined) return undefined;
  if (header.segmentation !== undefined || header.palette !== undefined || header.modality === 'RTDOSE')
    return undefined;
  const { rows, columns, photometricInterpretation, kind, bitsAllocated, pixelRepresentation } = pixels;
  const values = pixelRepresentation === 1 ? new Int16Array(0) : new Uint16Array(0);
  const frame = { rows, columns, samplesPerPixel: pixels.samplesPerPixel, values, photometricInterpretation };
  if (kind !== 'integer' || bitsAllocated > 16 || !isGrey(frame)) return undefined;
  const attributes = attributesOf(member);
  const { pixelSpacing } = attributes;
  const naturalSize = naturalSizeOf({ rows, columns, pixelSpacing, pixelAspectRatio: header.pixelAspectRatio });
  const nothing = { segments: undefined, overlays: [] };
  return { selection, frame, header, attributes, description: pixels, naturalSize, ...nothing };
}

function isGrey(frame: { readonly samplesPerPixel: number; readonly photometricInterpretation: string }): boolean {
  return frame.samplesPerPixel === 1 && /^MONOCHROME[12]$/.test(frame.photometricInterpretation);
}

function isSameSize(one: Size, other: Size): boolean {
  return one.width === other.width && one.height === other.height;
}
