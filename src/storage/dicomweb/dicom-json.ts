import { DataSetWriter } from './data-set-writer.ts';
import { valueBytes } from './dicom-json-values.ts';

/** DICOM JSON that does not mean what it must, in an attribute that matters. */
export class DicomJsonError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'DicomJsonError';
  }
}

/** A value that stands elsewhere (PS3.18 section F.2.6). */
export interface BulkReference {
  /** Where in the data set: tags and, from 0, items of sequences, such as `00283010/0/00283006`. */
  readonly path: string;
  readonly tag: number;
  readonly uri: string;
}

export interface DicomJsonOptions {
  /** Which attributes are taken, at every level. */
  readonly keep: (tag: number, vr: string) => boolean;
  /** Which of them must be right: a broken one is an error, a broken other one is left out. */
  readonly mustBeRight: (tag: number) => boolean;
  /** Values that stand elsewhere, by their path. */
  readonly bulk?: ReadonlyMap<string, Uint8Array>;
}

export interface ConvertedDataSet {
  /** Explicit VR Little Endian, without preamble and meta information. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** What was kept and stands elsewhere: it is not in `bytes`. */
  readonly references: readonly BulkReference[];
}

const KEY = /^[0-9a-f]{8}$/i;
const SPECIFIC_CHARACTER_SET = 0x0008_0005;

/** Whether a parsed JSON value is an object with names, not null and not an array. */
export function isJsonObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The tag that a name stands for; undefined for what is none. */
function tagOf(name: string): number | undefined {
  return KEY.test(name) ? Number.parseInt(name, 16) : undefined;
}

/**
 * Converts an instance in the DICOM JSON Model (PS3.18 Annex F) to a data set in Explicit VR Little Endian, text in UTF-8
 * (JSON's own; Specific Character Set says so whatever it said before). Numbers may be strings, strings numbers, values
 * null. Throws a DicomJsonError.
 */
export function dataSetFromJson(
  instance: Readonly<Record<string, unknown>>,
  options: DicomJsonOptions,
): ConvertedDataSet {
  const writer = new DataSetWriter();
  const references: BulkReference[] = [];
  writeItem(writer, instance, '', options, references);
  return { bytes: writer.take(), references };
}

function writeItem(
  writer: DataSetWriter,
  item: Readonly<Record<string, unknown>>,
  path: string,
  options: DicomJsonOptions,
  references: BulkReference[],
): void {
  for (const { tag, vr, attribute } of keptAttributes(item, path === '', options)) {
    const here = `${path}${tag.toString(16).padStart(8, '0')}`;
    if (vr === 'SQ') writeSequence(writer, tag, attribute, here, options, references);
    else writeValue(writer, tag, vr, attribute, here, options, references);
  }
}

interface KeptAttribute {
  readonly tag: number;
  readonly vr: string;
  readonly attribute: Readonly<Record<string, unknown>>;
}

/** What is kept of an item, in the order of the tags. */
function keptAttributes(
  item: Readonly<Record<string, unknown>>,
  isTop: boolean,
  options: DicomJsonOptions,
): readonly KeptAttribute[] {
  const kept: KeptAttribute[] = [];
  if (isTop) kept.push({ tag: SPECIFIC_CHARACTER_SET, vr: 'CS', attribute: { Value: ['ISO_IR 192'] } });
  for (const name of Object.keys(item)) {
    const tag = tagOf(name);
    if (tag === undefined || tag === SPECIFIC_CHARACTER_SET) continue;
    const attribute = item[name];
    const vr = isJsonObject(attribute) ? attribute['vr'] : undefined;
    if (!isJsonObject(attribute) || typeof vr !== 'string') {
      if (options.keep(tag, '')) refuse(tag, options);
    } else if (options.keep(tag, vr)) {
      kept.push({ tag, vr, attribute });
    }
  }
  return kept.sort((first, second) => first.tag - second.tag);
}

function refuse(tag: number, options: DicomJsonOptions): void {
  if (!options.mustBeRight(tag)) return;
  throw new DicomJsonError(`the attribute ${tag.toString(16).padStart(8, '0')} has no value that makes sense`);
}

function writeSequence(
  writer: DataSetWriter,
  tag: number,
  attribute: Readonly<Record<string, unknown>>,
  path: string,
  options: DicomJsonOptions,
  references: BulkReference[],
): void {
  if (typeof attribute['BulkDataURI'] === 'string') {
    references.push({ path, tag, uri: attribute['BulkDataURI'] });
    return;
  }
  const value = attribute['Value'] ?? [];
  const items: readonly unknown[] = Array.isArray(value) ? value : [value];
  writer.beginSequence(tag);
  for (const [index, item] of items.entries()) {
    if (item !== null && !isJsonObject(item)) throw new DicomJsonError('a sequence holds something other than items');
    writer.beginItem();
    writeItem(writer, item ?? {}, `${path}/${index}/`, options, references);
    writer.endItem();
  }
  writer.endSequence();
}

function writeValue(
  writer: DataSetWriter,
  tag: number,
  vr: string,
  attribute: Readonly<Record<string, unknown>>,
  path: string,
  options: DicomJsonOptions,
  references: BulkReference[],
): void {
  const uri = attribute['BulkDataURI'];
  if (typeof uri === 'string' && attribute['InlineBinary'] === undefined && attribute['Value'] === undefined) {
    const bytes = options.bulk?.get(path);
    if (bytes === undefined) references.push({ path, tag, uri });
    // A table of 16-bit entries may be longer than US can be, so it is written as words.
    else writer.element(tag, vr === 'US' || vr === 'SS' ? 'OW' : vr, bytes);
    return;
  }
  const bytes = valueBytes(vr, attribute);
  if (bytes === undefined) refuse(tag, options);
  else writer.element(tag, vr, bytes);
}
