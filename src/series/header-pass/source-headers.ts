import { InvalidDicomError, NotDicomError } from '../../base/errors.ts';
import { parseHeader } from '../../dicom/header/parse-header.ts';
import { holdsManySlices, withoutNormal } from '../../dicom/header/unfolding.ts';
import { isPlacedSopClass } from '../../dicom/sop-classes.ts';
import type { InstanceHeader } from '../../types/instance.ts';
import type { Limits } from '../../types/limits.ts';
import type { FrameSource, StoredObject } from '../../types/storage.ts';

/** A header that the store itself tells. */
export interface SourceHeader {
  readonly header: InstanceHeader;
  /** Of the data set. */
  readonly byteLength: number;
}

/**
 * The headers that the store itself tells of these objects, by key, with one request a folder. Objects of which it
 * tells nothing, or nothing that can be parsed, are missing.
 *
 * @throws the store's errors
 */
export async function readSourceHeaders(
  frames: FrameSource,
  objects: readonly StoredObject[],
  signal: AbortSignal | undefined,
  limits: Limits | undefined,
): Promise<ReadonlyMap<string, SourceHeader>> {
  const folders = new Set(objects.map(({ key }) => key.slice(0, Math.max(0, key.lastIndexOf('/')))));
  const headers = new Map<string, SourceHeader>();
  for (const folder of folders) {
    for (const [key, bytes] of await frames.readHeaders(folder, { signal })) {
      const header = parseSourceHeader(bytes, limits);
      if (header !== undefined) headers.set(key, { header, byteLength: bytes.length });
    }
  }
  return headers;
}

/** Parses a header that the store itself tells; undefined where it cannot be parsed. */
export function parseSourceHeader(bytes: Uint8Array, limits: Limits | undefined): InstanceHeader | undefined {
  try {
    const { header } = parseHeader(bytes, { complete: true, limits });
    // The pixel data element has no value: it only tells whether pixels are integers or floats.
    return { ...header, pixelData: undefined };
  } catch (error) {
    if (error instanceof InvalidDicomError || error instanceof NotDicomError) return undefined;
    throw error;
  }
}

/** Whether a header lacks what such an instance must have: place, size, or the slices of a mosaic or grid in one frame. */
export function isIncomplete(header: InstanceHeader): boolean {
  const { sopClassUid, pixels, frames, imageType, unfolding, notes } = header;
  if (holdsManySlices(imageType) !== undefined && (unfolding === undefined || notes.includes(withoutNormal)))
    return true;
  if (!isPlacedSopClass(sopClassUid)) return sopClassUid === '';
  const [first] = frames;
  const isPlaced = first?.imagePositionPatient !== undefined && first.imageOrientationPatient !== undefined;
  return pixels === undefined || (!isPlaced && unfolding === undefined);
}
