import { InvalidDicomError, NotDicomError } from '../../base/errors.ts';
import { parseHeader } from '../../dicom/header/parse-header.ts';
import { holdsManySlices, withoutNormal } from '../../dicom/header/unfolding.ts';
import { isPlacedSopClass } from '../../dicom/sop-classes.ts';
import type { InstanceHeader } from '../../types/instance.ts';
import type { FrameSource, StoredObject } from '../../types/storage.ts';

/** A header that the store itself told. */
export interface SourceHeader {
  readonly header: InstanceHeader;
  /** Of the data set. */
  readonly byteLength: number;
}

/**
 * The headers that a store tells of these objects, by key: one request for all of a folder. An object without an entry,
 * or with one that cannot be parsed, is missing.
 *
 * @throws the store's errors
 */
export async function readSourceHeaders(
  frames: FrameSource,
  objects: readonly StoredObject[],
  signal: AbortSignal | undefined,
): Promise<ReadonlyMap<string, SourceHeader>> {
  const folders = new Set(objects.map(({ key }) => key.slice(0, Math.max(0, key.lastIndexOf('/')))));
  const headers = new Map<string, SourceHeader>();
  for (const folder of folders) {
    for (const [key, bytes] of await frames.readHeaders(folder, { signal })) {
      const header = parseSourceHeader(bytes);
      if (header !== undefined) headers.set(key, { header, byteLength: bytes.length });
    }
  }
  return headers;
}

/** Parses a header that a store told; undefined where it makes no sense. */
export function parseSourceHeader(bytes: Uint8Array): InstanceHeader | undefined {
  try {
    const { header } = parseHeader(bytes, { complete: true });
    // An empty element only says of which kind the pixel data are.
    return { ...header, pixelData: undefined };
  } catch (error) {
    if (error instanceof InvalidDicomError || error instanceof NotDicomError) return undefined;
    throw error;
  }
}

/** Whether a header lacks what its instance must have (place, size, slices of a mosaic): the object itself may tell. */
export function isIncomplete(header: InstanceHeader): boolean {
  const { sopClassUid, pixels, frames, imageType, unfolding, notes } = header;
  if (holdsManySlices(imageType) !== undefined && (unfolding === undefined || notes.includes(withoutNormal)))
    return true;
  if (!isPlacedSopClass(sopClassUid)) return sopClassUid === '';
  const [first] = frames;
  const isPlaced = first?.imagePositionPatient !== undefined && first.imageOrientationPatient !== undefined;
  return pixels === undefined || (!isPlaced && unfolding === undefined);
}
