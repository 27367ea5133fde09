import type { PreviewError } from '../base/errors.ts';
import { pixelAspect, type TileGeometry } from '../pixels/scale/tile-size.ts';
import type { FrameBytes } from '../series/frames/frame-bytes.ts';
import type { FrameMemory } from '../series/frames/frame-memory.ts';
import type { InstanceReader } from '../series/frames/instance-reader.ts';
import type { Selection } from '../series/select.ts';
import type { FrameAttributes, InstanceHeader } from '../types/instance.ts';
import type { Limits } from '../types/limits.ts';
import type { ScannedInstance } from '../types/members.ts';
import type { DecodedFrame, OverlayPlane, PixelDescription } from '../types/pixels.ts';
import type { FrameRoom } from './frame-room.ts';

/** A chosen member: decoded, or the reason why it could not be. */
export type DecodedMember = VisibleMember | FailedMember;

export interface VisibleMember {
  readonly selection: Selection;
  readonly frame: DecodedFrame;
  /** The segments on a plane of a segmentation; undefined for other images. */
  readonly segments: readonly SegmentFrame[] | undefined;
  /** Overlay planes to draw. */
  readonly overlays: readonly OverlayPlane[];
  readonly header: InstanceHeader;
  readonly attributes: FrameAttributes;
  readonly description: PixelDescription;
  /** The size at which the image has square pixels. */
  readonly naturalSize: { readonly width: number; readonly height: number };
  /** What was noticed while its pixels were read and decoded, in sentences. */
  readonly notes: readonly string[];
  readonly error?: undefined;
}

/** One segment on a plane. */
export interface SegmentFrame {
  readonly segmentNumber: number;
  readonly frame: DecodedFrame;
}

export interface FailedMember {
  readonly selection: Selection;
  readonly error: PreviewError;
  /** The whole header, where it was read before the error. */
  readonly header?: InstanceHeader | undefined;
  /** What was noticed before the error, in sentences. */
  readonly notes?: readonly string[];
}

export function isVisible(member: DecodedMember): member is VisibleMember {
  return member.error === undefined;
}

/** Different notes that are told. */
const maxNotes = 10;

/** What was noticed at the members, each thing once, with the name of the first object that it is true of. */
export function notesOfMembers(members: readonly DecodedMember[]): readonly string[] {
  const said = new Map<string, { readonly key: string; images: number }>();
  for (const member of members) {
    const { key } = member.selection.ordered.member.instance;
    for (const note of new Set(member.notes)) {
      const known = said.get(note) ?? { key, images: 0 };
      if (isVisible(member)) known.images++;
      said.set(note, known);
    }
  }
  const notes = [...said].slice(0, maxNotes).map(([note, { key, images }]) => {
    return `'${key}'${images <= 1 ? '' : ` (${images} images shown)`}: ${note}`;
  });
  if (said.size > maxNotes) notes.push(`${said.size - maxNotes} more notes of this kind are left out.`);
  return notes;
}

export interface ReadFramesOptions {
  /** Frames are decoded no smaller than images of this width need. */
  readonly imageWidth: number | 'native';
  readonly overlays: boolean;
  readonly signal: AbortSignal | undefined;
  readonly onProgress: (done: number) => void;
  /** What frames may cost. */
  readonly limits?: Limits | undefined;
  /** What earlier calls have read of the same instances. */
  readonly sources?: MemberSources | undefined;
  /** Draws members as soon as they are decoded. */
  readonly drawing?: DrawingOnArrival | undefined;
  /** Bytes of pixels that the picture holds besides these members. Default 0. */
  readonly reservedBytes?: number | undefined;
  /** Memory for members of which these are a part. Default: planned for these alone. */
  readonly room?: FrameRoom | undefined;
}

/** Takes what it needs of a decoded member, and lends the memory of its frame to the next one. */
export interface DrawingOnArrival {
  readonly memory: FrameMemory;
  /** Answers the member as it is kept: without the values of its frame. */
  readonly draw: (member: VisibleMember) => VisibleMember;
}

/** What the members of an instance share, by instance. */
export type MemberSources = Map<ScannedInstance, MemberSource>;

/** What the members of one instance share. */
export interface MemberSource {
  /** Has read the whole header and the offset table once for all members. */
  readonly reader: InstanceReader;
  /** Where the instance's one stored frame holds all slices (Siemens mosaic, UIH grid): its bytes. */
  stored: Promise<FrameBytes> | undefined;
  /** The same, decoded. */
  whole: Promise<DecodedFrame> | undefined;
}

/** The size at which an image has square pixels. */
export function naturalSizeOf(geometry: TileGeometry): VisibleMember['naturalSize'] {
  const aspect = pixelAspect(geometry);
  return { width: geometry.columns / Math.min(aspect, 1), height: geometry.rows * Math.max(aspect, 1) };
}
