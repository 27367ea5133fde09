import { type DecodeCost, decodeCost } from '../codecs/decode-cost.ts';
import { nativeFrameBits } from '../dicom/pixel-data/native-frames.ts';
import { findTransferSyntax, isNative } from '../dicom/transfer-syntaxes.ts';
import { storedFramesOf } from '../series/frames/frame-bytes.ts';
import { maxFrameLength, maxWholeValueLength, maxWholeValueWithoutTable } from '../series/frames/frame-limits.ts';
import { maxWholeReadLength } from '../series/frames/instance-reader.ts';
import { attributesOf } from '../series/members.ts';
import { defaultLimits, type Limits } from '../types/limits.ts';
import type { Member, ScannedInstance, SlideLevel } from '../types/members.ts';
import type { PixelDescription } from '../types/pixels.ts';
import { reductionFor } from './reduction.ts';

/** Bytes of pixels that a member takes from its reading to the end of the picture, as far as headers tell. */
export interface MemberCost {
  /** Of its values, kept until the picture is drawn; 0 where it is drawn at once. */
  readonly keptBytes: number;
  /** Of what all members of its instance share until the last of them is decoded. */
  readonly sharedBytes: number;
  /** Besides, for one of its frames, from its reading until it is decoded. */
  readonly unitBytes: number;
  /** Frames that it is made of, and which may be in work at a time: tiles of a slide, segments. */
  readonly units: number;
}

export interface MemberCostOptions {
  readonly imageWidth: number | 'native';
  readonly overlays: boolean;
  /** It is drawn as soon as it is decoded, and not kept. */
  readonly isDrawn: boolean;
  readonly limits?: Limits | undefined;
}

/** Tiles of a slide's level that are in work at a time. */
export const maxTilesAtATime = 16;
/** Segments of a plane that are in work at a time. */
export const maxSegmentsAtATime = 8;
/** Beside twice its uncompressed length: a longer compressed frame is not expected among others. */
const compressedSlack = 2 ** 20;

/** What a member takes. A pure function of its header and of what is asked. */
export function memberCost(member: Member, options: MemberCostOptions): MemberCost {
  const { instance, level, layers } = member;
  const { header } = instance;
  const { pixels, unfolding } = header;
  const { frameBytes, sharedBytes } = storedCost(instance, options.limits ?? defaultLimits);
  if (pixels === undefined) return { keptBytes: 0, sharedBytes, unitBytes: frameBytes, units: 1 };
  // Its reader refuses such a frame, and says why.
  if (nativeFrameBits(pixels) / 8 > maxFrameLength) return { keptBytes: 0, sharedBytes: 0, unitBytes: 0, units: 1 };
  if (level !== undefined) return levelCost(level, pixels, { frameBytes, sharedBytes });
  const decoding = costOf(instance, pixels, frameBytes, reductionOf(member, pixels, options));
  const { valueBytes, workBytes } = decoding;
  if (unfolding !== undefined) {
    const share = (unfolding.rows * unfolding.columns) / Math.max(1, pixels.rows * pixels.columns);
    const whole = frameBytes + sharedBytes + workBytes + valueBytes;
    return { keptBytes: Math.ceil(valueBytes * share), sharedBytes: whole, unitBytes: 0, units: 1 };
  }
  const overlayBytes = options.overlays ? header.overlays.length * Math.ceil((pixels.rows * pixels.columns) / 8) : 0;
  const values = (1 + (layers?.length ?? 0)) * valueBytes;
  const units = Math.min(maxSegmentsAtATime, Math.max(1, layers?.length ?? 1));
  if (options.isDrawn) return { keptBytes: 0, sharedBytes, unitBytes: frameBytes + workBytes + values, units };
  return { keptBytes: values + overlayBytes, sharedBytes, unitBytes: frameBytes + workBytes, units };
}

/**
 * A slide's level: the canvas that its tiles are put on is kept. It is counted in full size: how much tiles can be reduced, only
 * they tell.
 */
function levelCost(
  { rows, columns, tiles, instance }: SlideLevel,
  pixels: PixelDescription,
  { frameBytes, sharedBytes }: StoredCost,
): MemberCost {
  const { valueBytes, workBytes } = costOf(instance, pixels, frameBytes, 1);
  const keptBytes = Math.ceil((valueBytes * rows * columns) / (pixels.rows * pixels.columns));
  const unitBytes = frameBytes + workBytes + valueBytes;
  return { keptBytes, sharedBytes, unitBytes, units: Math.min(maxTilesAtATime, Math.max(1, tiles.length)) };
}

function costOf(
  { header }: ScannedInstance,
  description: PixelDescription,
  storedBytes: number,
  reduce: number,
): DecodeCost {
  const { coding = 'native', isLosslessJpeg = false } = findTransferSyntax(header.transferSyntaxUid) ?? {};
  const maxReduce = isLosslessJpeg ? 1 : undefined;
  return decodeCost({ coding, description, storedBytes, reduce, maxReduce });
}

/** By how much a member may be decoded smaller. */
function reductionOf(
  member: Member,
  { rows, columns, ...pixels }: PixelDescription,
  { imageWidth, overlays }: MemberCostOptions,
): number {
  const { header } = member.instance;
  const hasNames =
    member.layers !== undefined || header.segmentation !== undefined || header.palette?.supplemental === true;
  if (hasNames || overlays || header.unfolding !== undefined) return 1;
  const { pixelSpacing } = attributesOf(member);
  const geometry = { rows, columns, pixelSpacing, pixelAspectRatio: header.pixelAspectRatio };
  try {
    return reductionFor(geometry, imageWidth, { rows, columns, ...pixels });
  } catch {
    // An image of an impossible shape is not decoded at all.
    return Math.max(rows, columns);
  }
}

/** Bytes as they are stored. */
interface StoredCost {
  /** Of one frame. */
  readonly frameBytes: number;
  /** Of what its reader keeps for all frames. */
  readonly sharedBytes: number;
}

function storedCost(instance: ScannedInstance, limits: Limits): StoredCost {
  const { header, bytes, objectByteLength, complete, deflated, isFromSource } = instance;
  const { pixels, pixelData, transferSyntaxUid } = header;
  const frames = Math.max(1, storedFramesOf(header));
  const raw = pixels === undefined ? 0 : Math.ceil(nativeFrameBits(pixels) / 8);
  if (deflated) {
    const inflated = Math.min(limits.inflatedBytes, raw * frames + limits.inflatedHeaderBytes);
    return { frameBytes: raw, sharedBytes: (objectByteLength ?? maxWholeReadLength) + inflated };
  }
  const isOne = frames === 1;
  // Compressed data of one frame may lie in a value without items.
  const isEncapsulated =
    pixelData?.encapsulated === true || (!isNative(transferSyntaxUid) && (isOne || pixelData === undefined));
  // Where the header did not reach the pixel data, a small object is read whole.
  const whole =
    complete || bytes !== undefined || !isOne ? 0 : Math.min(objectByteLength ?? Infinity, maxWholeReadLength);
  if (!isEncapsulated || isFromSource === true) return { frameBytes: Math.max(raw, whole), sharedBytes: 0 };
  const valueBytes = pixelData?.length ?? objectByteLength ?? raw * frames;
  // Read whole, and once more where fragments are joined.
  if (isOne) return { frameBytes: 2 * Math.max(valueBytes, whole), sharedBytes: 0 };
  const isReadWhole =
    valueBytes <= (header.extendedOffsets === undefined ? maxWholeValueWithoutTable : maxWholeValueLength);
  return {
    frameBytes: 2 * Math.min(valueBytes, 2 * raw + compressedSlack),
    sharedBytes: isReadWhole ? valueBytes : 0,
  };
}
