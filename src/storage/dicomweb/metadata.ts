import { isUsableUid, type SeriesAddress } from './address.ts';
import {
  type BulkReference,
  type ConvertedDataSet,
  DicomJsonError,
  dataSetFromJson,
  isJsonObject,
} from './dicom-json.ts';
import { lacksTables } from './metadata-gaps.ts';

/** What a server's metadata tell of one instance. */
export interface InstanceMetadata {
  readonly instance: string;
  /**
   * Explicit VR Little Endian up to the pixel data; undefined where what is needed for order or picture is missing or
   * broken, so that the instance itself must be read.
   */
  readonly header: Uint8Array<ArrayBuffer> | undefined;
  /**
   * The instance's JSON, where tables that its picture needs stand elsewhere: see {@link completeHeader}. Empty where they
   * are not to be had that way.
   */
  readonly incomplete: Uint8Array | undefined;
}

const SOP_INSTANCE_UID = '00080018';
const STUDY_INSTANCE_UID = '0020000D';
const SERIES_INSTANCE_UID = '0020000E';
const PARAMETRIC_MAP_STORAGE = '1.2.840.10008.5.1.4.1.1.30';
/** Numbers of slices and their places in Siemens mosaics and UIH grids. */
const PRIVATE_OF_USE = new Set([0x0019_100a, 0x0029_1010, 0x0065_1050, 0x0065_1051]);
/** Persons; encapsulated documents; waveforms; spectra. */
const GROUPS_OF_NO_USE = new Set([0x0010, 0x0042, 0x5400, 0x5600]);

/** Attributes for order, picture and report: none of the patient's, no names, no private ones but a few. */
function isOfUse(tag: number, vr: string): boolean {
  const group = tag >>> 16;
  if (group < 0x0008 || group >= 0x7fe0 || vr === 'PN' || GROUPS_OF_NO_USE.has(group)) return false;
  return group % 2 === 0 || PRIVATE_OF_USE.has(tag);
}

/** A broken attribute of these groups makes another picture or another order. */
function mustBeRight(tag: number): boolean {
  const group = tag >>> 16;
  return group === 0x0020 || group === 0x0028;
}

const TABLES = new Set([0x0028_1201, 0x0028_1202, 0x0028_1203, 0x0028_1221, 0x0028_1222, 0x0028_1223, 0x0028_3006]);

/** A Siemens mosaic or a UIH grid. */
function holdsManySlices(instance: Readonly<Record<string, unknown>>): boolean {
  const imageType = instance['00080008'];
  const value = isJsonObject(imageType) ? imageType['Value'] : undefined;
  return Array.isArray(value) && (value.includes('MOSAIC') || value.includes('VFRAME'));
}

/** What a value that stands elsewhere is needed for. */
function useOf(tag: number, isOfManySlices: boolean): 'order' | 'picture' | 'none' {
  const group = tag >>> 16;
  const isOverlayData = group >= 0x6000 && group <= 0x601e && (tag & 0xffff) === 0x3000;
  if (TABLES.has(tag) || isOverlayData) return 'picture';
  if (group === 0x0020 || group === 0x0054 || group === 0x5200 || group === 0x3004) return 'order';
  return isOfManySlices && PRIVATE_OF_USE.has(tag) ? 'order' : 'none';
}

function firstValue(instance: Readonly<Record<string, unknown>>, name: string): unknown {
  const attribute = instance[name];
  const value = isJsonObject(attribute) ? attribute['Value'] : undefined;
  return Array.isArray(value) ? (value as readonly unknown[])[0] : value;
}

/** An attribute's first value as text; undefined where there is none. */
export function textOfAttribute(instance: Readonly<Record<string, unknown>>, name: string): string | undefined {
  const value = firstValue(instance, name);
  return typeof value === 'string' || typeof value === 'number' ? String(value).replace(/[\0\s]+$/, '') : undefined;
}

/** Parses one object of a reply in DICOM JSON; undefined for what is none. */
export function parseInstance(json: Uint8Array): Readonly<Record<string, unknown>> | undefined {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(json.buffer, json.byteOffset, json.byteLength).toString('utf8'));
    return isJsonObject(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Reads one instance of a series' metadata (PS3.18 section 10.4.1.1.2); undefined where it does not say which it is, so
 * that it can neither be asked for nor told from others.
 */
export function readInstanceMetadata(json: Uint8Array, address: SeriesAddress): InstanceMetadata | undefined {
  const parsed = parseInstance(json);
  const instance = parsed === undefined ? undefined : textOfAttribute(parsed, SOP_INSTANCE_UID);
  if (parsed === undefined || instance === undefined || !isUsableUid(instance)) return undefined;
  const converted = convert(parsed, address, undefined);
  const needed = converted === undefined ? [] : neededReferences(parsed, converted.references);
  if (converted === undefined || needed.some(({ use }) => use === 'order')) {
    return { instance, header: undefined, incomplete: undefined };
  }
  // What is nowhere in the metadata cannot be completed from them.
  if (lacksTables(parsed)) return { instance, header: converted.bytes, incomplete: new Uint8Array(0) };
  // A copy: the bytes may be a part of a larger buffer, which would live on.
  return { instance, header: converted.bytes, incomplete: needed.length > 0 ? json.slice() : undefined };
}

function convert(
  parsed: Readonly<Record<string, unknown>>,
  address: SeriesAddress,
  bulk: ReadonlyMap<string, Uint8Array> | undefined,
): ConvertedDataSet | undefined {
  const floats = floatPixelData(parsed);
  const keep = (tag: number, vr: string): boolean => isOfUse(tag, vr) || tag === floats?.tag;
  const others: Record<string, unknown> = {};
  // The request's own UIDs hold where the reply leaves them out.
  if (!(STUDY_INSTANCE_UID in parsed)) others[STUDY_INSTANCE_UID] = { vr: 'UI', Value: [address.study] };
  if (!(SERIES_INSTANCE_UID in parsed)) others[SERIES_INSTANCE_UID] = { vr: 'UI', Value: [address.series] };
  if (floats !== undefined) others[floats.name] = { vr: floats.vr, Value: [] };
  // Most metadata are complete: they are not copied.
  const instance = Object.keys(others).length === 0 ? parsed : { ...parsed, ...others };
  try {
    return dataSetFromJson(instance, { keep, mustBeRight, ...(bulk === undefined ? {} : { bulk }) });
  } catch (error) {
    if (error instanceof DicomJsonError) return undefined;
    throw error;
  }
}

/** Float Pixel Data leave an empty element, for they are told from integers by nothing else. */
function floatPixelData(
  instance: Readonly<Record<string, unknown>>,
): { readonly name: string; readonly tag: number; readonly vr: string } | undefined {
  const single = { name: '7FE00008', tag: 0x7fe0_0008, vr: 'OF' };
  const double = { name: '7FE00009', tag: 0x7fe0_0009, vr: 'OD' };
  if ('7FE00008' in instance) return single;
  if ('7FE00009' in instance) return double;
  if ('7FE00010' in instance || textOfAttribute(instance, '00080016') !== PARAMETRIC_MAP_STORAGE) return undefined;
  const bits = Number(firstValue(instance, '00280100'));
  return bits === 32 ? single : bits === 64 ? double : undefined;
}

function neededReferences(
  instance: Readonly<Record<string, unknown>>,
  references: readonly BulkReference[],
): readonly (BulkReference & { readonly use: 'order' | 'picture' })[] {
  const isOfManySlices = holdsManySlices(instance);
  return references.flatMap((reference) => {
    const use = useOf(reference.tag, isOfManySlices);
    return use === 'none' ? [] : [{ ...reference, use }];
  });
}

/**
 * The header of an `incomplete` instance with the values that stand elsewhere, which `fetchBulk` gets; undefined where
 * it cannot be had.
 */
export async function completeHeader(
  incomplete: Uint8Array,
  address: SeriesAddress,
  fetchBulk: (uri: string) => Promise<Uint8Array>,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const parsed = parseInstance(incomplete);
  const references = parsed === undefined ? undefined : convert(parsed, address, undefined)?.references;
  if (parsed === undefined || references === undefined) return undefined;
  const needed = neededReferences(parsed, references);
  const values = await Promise.all(needed.map(async ({ path, uri }) => [path, await fetchBulk(uri)] as const));
  return convert(parsed, address, new Map(values))?.bytes;
}
