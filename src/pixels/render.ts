import { InvalidDicomError } from '../base/errors.ts';
import type {
  DecodedFrame,
  DisplayImage,
  ModalityTransform,
  OverlayPlane,
  PaddingRange,
  Palette,
} from '../types/pixels.ts';
import type { ResizeFilter } from '../types/settings.ts';
import { colourSource } from './colour/colour.ts';
import type { ColourMap } from './colour/colour-maps.ts';
import { paletteByPattern } from './colour/palette.ts';
import { fullRangeWindow } from './contrast/statistics.ts';
import type { Voi } from './contrast/voi.ts';
import { drawOverlays } from './draw-overlays.ts';
import { type GreyMapping, GreyTables, isInverted, mapToGrey } from './grey.ts';
import { identity, usableModality } from './modality.ts';
import type { DisplayTables, IndexedImage } from './scale/indexed-image.ts';
import { identityTable, resizeThroughTables } from './scale/resize.ts';
import { assertFrameShape, bitPatterns, isShort, shortValuesOf } from './short-values.ts';

export interface RenderRequest {
  readonly frame: DecodedFrame;
  /** Size of the result in pixels; both from 1. */
  readonly width: number;
  readonly height: number;
  /** Bits Stored (0028,0101). */
  readonly bitsStored: number;
  readonly modality: ModalityTransform;
  /** undefined: grey shows the full range of the stored values, colour stays as it is. */
  readonly voi: Voi | undefined;
  readonly padding?: PaddingRange | undefined;
  readonly presentationLutShape?: 'IDENTITY' | 'INVERSE' | undefined;
  /** The palette of a PALETTE COLOR image (or of a retired ARGB image). */
  readonly palette?: Palette | undefined;
  /**
   * The palette of a grey image with Pixel Presentation COLOR or MIXED: it colours values from the first mapped one on.
   */
  readonly supplementalPalette?: Palette | undefined;
  /** Shows a grey image in colours. */
  readonly colourMap?: ColourMap | undefined;
  /** How to resize. Default 'area'. */
  readonly filter?: ResizeFilter | undefined;
  /** Overlay planes to draw, and the size of the stored image to which they refer. */
  readonly overlays?:
    | { readonly planes: readonly OverlayPlane[]; readonly rows: number; readonly columns: number }
    | undefined;
}

/**
 * Makes an image of exactly the asked size of a decoded frame: stored values -> modality -> VOI -> presentation ->
 * bytes, then resized (area average where it shrinks, linear where it grows). Grey stays one channel. The caller
 * decides the shape, see `tileSize`.
 *
 * @param greyTables pass the same one with all frames of a picture, so that frames with the same contrast share their
 * table
 * @throws InvalidDicomError where the frame has not as many values as its size says, or a PALETTE COLOR image has no
 * palette
 * @throws UnsupportedError for a Photometric Interpretation that cannot be shown
 */
export function renderFrame(request: RenderRequest, greyTables: GreyTables = new GreyTables()): DisplayImage {
  assertFrameShape(request.frame);
  const { image, tables } = displaySource(request, greyTables);
  const drawn = resizeThroughTables(image, tables, request.width, request.height, request.filter);
  const { overlays } = request;
  return overlays === undefined ? drawn : drawOverlays(drawn, overlays.planes, overlays.rows, overlays.columns);
}

function displaySource(
  request: RenderRequest,
  greyTables: GreyTables,
): { readonly image: IndexedImage; readonly tables: DisplayTables } {
  const { frame, palette, voi, bitsStored } = request;
  if (frame.samplesPerPixel !== 1) {
    const window = voi?.kind === 'window' ? voi.window : undefined;
    return colourSource(frame, { bitsStored, palette, window });
  }
  const shape = { width: frame.columns, height: frame.rows, samplesPerPixel: 1 } as const;
  if (frame.photometricInterpretation === 'PALETTE COLOR') {
    if (palette === undefined) {
      throw new InvalidDicomError('Expected Palette Color Lookup Tables with PALETTE COLOR but found none.');
    }
    const values = shortValuesOf(frame);
    return { image: { ...shape, indices: bitPatterns(values) }, tables: paletteByPattern(values, palette) };
  }
  return greySource(request, greyTables, shape);
}

function greySource(
  request: RenderRequest,
  greyTables: GreyTables,
  shape: Pick<IndexedImage, 'width' | 'height' | 'samplesPerPixel'>,
): { readonly image: IndexedImage; readonly tables: DisplayTables } {
  const { values } = request.frame;
  const mapping = greyMapping(request);
  if (!isShort(values)) {
    const indices = mapToGrey(values, mapping);
    return { image: { ...shape, indices }, tables: request.colourMap?.tables ?? [identityTable] };
  }
  const image = { ...shape, indices: bitPatterns(values) };
  const grey = greyTables.table(values, mapping);
  if (request.supplementalPalette !== undefined) {
    return { image, tables: paletteByPattern(values, request.supplementalPalette, grey) };
  }
  if (request.colourMap === undefined) return { image, tables: [grey] };
  const [first, second, third] = request.colourMap.tables;
  const through = (colours: Uint8Array): Uint8Array => grey.map((byte) => colours[byte] ?? 0);
  if (second === undefined || third === undefined) return { image, tables: [through(first)] };
  return { image, tables: [through(first), through(second), through(third)] };
}

function greyMapping(request: RenderRequest): GreyMapping {
  const { frame, bitsStored, presentationLutShape, padding } = request;
  const modality = usableModality(request.modality) ?? identity;
  const voi = request.voi ?? { kind: 'window', window: fullRangeWindow(frame, bitsStored, modality) };
  return { modality, voi, inverted: isInverted(frame.photometricInterpretation, presentationLutShape), padding };
}
