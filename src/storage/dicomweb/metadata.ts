import { overlayElements, overlayGroups } from '../../dicom/header/overlay-groups.ts';
import { sopClassUids } from '../../dicom/sop-classes.ts';
import { tags } from '../../dicom/tags.ts';
import { isUsableUid, type SeriesAddress } from './address.ts';
import { type BulkReference, type ConvertedDataSet, DicomJsonError, dataSetFromJson } from './dicom-json.ts';
import { type JsonObject, jsonName, parseDataSet, textOf, valuesOf } from './json-data-set.ts';
import { lacksTables } from './missing-tables.ts';

/** What the metadata of a series tell of one instance. */
export interface InstanceMetadata {
  readonly instance: string;
  /**
   * The header in Explicit VR Little Endian up to the pixel data. undefined where something that order or picture need
   * is missing or broken, so that the instance itself must be read.
   */
  readonly header: Uint8Array<ArrayBuffer> | undefined;
  /**
   * The instance's JSON, where tables that its picture needs have URIs of their own: see {@link completeHeader}. Empty
   * where these tables are not in the metadata at all.
   */
  readonly incomplete: Uint8Array | undefined;
}

/**
 * Private attributes with the number of slices and their places in Siemens mosaics and UIH grids, and with b-values
 * besides the names of those who made them.
 */
const usefulPrivateTags: ReadonlySet<number> = new Set([
  tags.numberOfImagesInMosaic,
  tags.siemensCsaImageHeader,
  tags.uihGridFrameCount,
  tags.uihGridSequence,
  tags.uihCreator,
  tags.uihBValue,
  tags.siemensCreator,
  tags.siemensBValue,
  tags.geCreator,
  tags.geBValue,
  tags.philipsCreator,
  tags.philipsBValue,
]);
/** Patients; encapsulated documents; waveforms; spectra. */
const uselessGroups: ReadonlySet<number> = new Set([0x0010, 0x0042, 0x5400, 0x5600]);

/**
 * Whether order, picture or report need an attribute. They need none of the patient's, no names and few private ones.
 */
function isUseful(tag: number, vr: string): boolean {
  const group = tag >>> 16;
  if (group < 0x0008 || group >= 0x7fe0 || vr === 'PN' || uselessGroups.has(group)) return false;
  return group % 2 === 0 || usefulPrivateTags.has(tag);
}

/** A broken attribute of these groups would change the picture or the order. */
function mustBeRight(tag: number): boolean {
  const group = tag >>> 16;
  return group === 0x0020 || group === 0x0028;
}

/** Attributes whose values may be large and are needed for the picture only. */
const pictureTags: ReadonlySet<number> = new Set([
  tags.redPaletteData,
  tags.greenPaletteData,
  tags.bluePaletteData,
  tags.segmentedRedPaletteData,
  tags.segmentedGreenPaletteData,
  tags.segmentedBluePaletteData,
  tags.lutData,
  ...overlayGroups.map((group) => group + overlayElements.data),
]);

/** Whether an instance is a Siemens mosaic or a UIH grid. */
function holdsManySlices(instance: JsonObject): boolean {
  const imageType = valuesOf(instance[jsonName(tags.imageType)]);
  return imageType.includes('MOSAIC') || imageType.includes('VFRAME');
}

/** What a value with a URI of its own is needed for. */
function useOf(tag: number, isOfManySlices: boolean): 'order' | 'picture' | 'none' {
  const group = tag >>> 16;
  if (pictureTags.has(tag)) return 'picture';
  if (group === 0x0020 || group === 0x0054 || group === 0x5200 || group === 0x3004) return 'order';
  return isOfManySlices && usefulPrivateTags.has(tag) ? 'order' : 'none';
}

/**
 * Reads one instance of the metadata of a series (PS3.18 section 10.4.1.1.2); undefined without a usable SOP Instance
 * UID, because such an instance cannot be asked for.
 */
export function readInstanceMetadata(json: Uint8Array, address: SeriesAddress): InstanceMetadata | undefined {
  const parsed = parseDataSet(json);
  const instance = textOf(parsed?.[jsonName(tags.sopInstanceUid)]);
  if (parsed === undefined || instance === undefined || !isUsableUid(instance)) return undefined;
  const converted = convert(parsed, address, undefined);
  const needed = converted === undefined ? [] : neededReferences(parsed, converted.references);
  if (converted === undefined || needed.some(({ use }) => use === 'order')) {
    return { instance, header: undefined, incomplete: undefined };
  }
  // Where a part of a table is not in the metadata at all, it cannot be completed from them.
  if (lacksTables(parsed)) return { instance, header: converted.bytes, incomplete: new Uint8Array(0) };
  // A copy, because the bytes may be part of a larger buffer, which would stay in memory.
  return { instance, header: converted.bytes, incomplete: needed.length > 0 ? json.slice() : undefined };
}

function convert(
  parsed: JsonObject,
  address: SeriesAddress,
  bulk: ReadonlyMap<string, Uint8Array> | undefined,
): ConvertedDataSet | undefined {
  const floats = floatPixelData(parsed);
  const keep = (tag: number, vr: string): boolean => isUseful(tag, vr) || tag === floats?.tag;
  const others: Record<string, unknown> = {};
  // The UIDs of the request are also those of the reply, where it leaves them out.
  const studyName = jsonName(tags.studyInstanceUid);
  const seriesName = jsonName(tags.seriesInstanceUid);
  if (!(studyName in parsed)) others[studyName] = { vr: 'UI', Value: [address.study] };
  if (!(seriesName in parsed)) others[seriesName] = { vr: 'UI', Value: [address.series] };
  if (floats !== undefined) others[jsonName(floats.tag)] = { vr: floats.vr, Value: [] };
  // Most metadata are complete, so they need not be copied.
  const instance = Object.keys(others).length === 0 ? parsed : { ...parsed, ...others };
  try {
    return dataSetFromJson(instance, { keep, mustBeRight, ...(bulk === undefined ? {} : { bulk }) });
  } catch (error) {
    if (error instanceof DicomJsonError) return undefined;
    throw error;
  }
}

/** Float Pixel Data stay as an empty element, because nothing else tells them from integers. */
function floatPixelData(instance: JsonObject): { readonly tag: number; readonly vr: string } | undefined {
  const single = { tag: tags.floatPixelData, vr: 'OF' };
  const double = { tag: tags.doubleFloatPixelData, vr: 'OD' };
  if (jsonName(tags.floatPixelData) in instance) return single;
  if (jsonName(tags.doubleFloatPixelData) in instance) return double;
  if (jsonName(tags.pixelData) in instance) return undefined;
  if (textOf(instance[jsonName(tags.sopClassUid)]) !== sopClassUids.parametricMap) return undefined;
  const bits = Number(textOf(instance[jsonName(tags.bitsAllocated)]));
  return bits === 32 ? single : bits === 64 ? double : undefined;
}

function neededReferences(
  instance: JsonObject,
  references: readonly BulkReference[],
): readonly (BulkReference & { readonly use: 'order' | 'picture' })[] {
  const isOfManySlices = holdsManySlices(instance);
  return references.flatMap((reference) => {
    const use = useOf(reference.tag, isOfManySlices);
    return use === 'none' ? [] : [{ ...reference, use }];
  });
}

/**
 * The header of an `incomplete` instance, with the values that `fetchBulk` gets from their own URIs; undefined where
 * that is not possible.
 */
export async function completeHeader(
  incomplete: Uint8Array,
  address: SeriesAddress,
  fetchBulk: (uri: string) => Promise<Uint8Array>,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const parsed = parseDataSet(incomplete);
  const references = parsed === undefined ? undefined : convert(parsed, address, undefined)?.references;
  if (parsed === undefined || references === undefined) return undefined;
  const needed = neededReferences(parsed, references);
  const values = await Promise.all(needed.map(async ({ path, uri }) => [path, await fetchBulk(uri)] as const));
  return convert(parsed, address, new Map(values))?.bytes;
}
