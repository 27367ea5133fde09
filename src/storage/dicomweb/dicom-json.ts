import { formatTag, tags } from '../../dicom/tags.ts';
import { DataSetWriter } from './data-set-writer.ts';
import { isJsonObject, type JsonObject, jsonName, tagOfName, valuesOf } from './json-data-set.ts';
import { valueBytes } from './json-values.ts';

/** DICOM JSON with an attribute that matters and makes no sense. */
export class DicomJsonError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'DicomJsonError';
  }
}

/** A value that is not in the JSON but at a URI of its own (PS3.18 section F.2.6). */
export interface BulkReference {
  /** Its place in the data set, made of tags and of the numbers (from 0) of items: `00283010/0/00283006`. */
  readonly path: string;
  readonly tag: number;
  readonly uri: string;
}

export interface DicomJsonOptions {
  /** Whether an attribute is taken, at any level. */
  readonly keep: (tag: number, vr: string) => boolean;
  /** Whether a broken attribute is an error. Other broken attributes are left out. */
  readonly mustBeRight: (tag: number) => boolean;
  /** Values that were fetched from their own URIs, by their path. */
  readonly bulk?: ReadonlyMap<string, Uint8Array>;
}

export interface ConvertedDataSet {
  /** In Explicit VR Little Endian, without preamble and file meta information. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Attributes that are to be kept, but are not in `bytes`, because their values have URIs of their own. */
  readonly references: readonly BulkReference[];
}

/**
 * Converts an instance in the DICOM JSON Model (PS3.18 Annex F) to a data set in Explicit VR Little Endian. Its text is
 * in UTF-8, as all JSON is, and Specific Character Set is changed to say so. Numbers may be given as strings, strings
 * as numbers, and values may be null. Throws a DicomJsonError.
 */
export function dataSetFromJson(instance: JsonObject, options: DicomJsonOptions): ConvertedDataSet {
  const conversion = new Conversion(options);
  conversion.writeItem(instance, '');
  return { bytes: conversion.writer.take(), references: conversion.references };
}

interface KeptAttribute {
  readonly tag: number;
  readonly vr: string;
  readonly attribute: JsonObject;
}

class Conversion {
  readonly writer = new DataSetWriter();
  readonly references: BulkReference[] = [];
  readonly #options: DicomJsonOptions;

  constructor(options: DicomJsonOptions) {
    this.#options = options;
  }

  /** Writes the attributes of an item, or of the instance itself, whose path is ''. */
  writeItem(item: JsonObject, path: string): void {
    for (const kept of this.#keptAttributes(item, path === '')) {
      const here = `${path}${jsonName(kept.tag)}`;
      if (kept.vr === 'SQ') this.#writeSequence(kept, here);
      else this.#writeValue(kept, here);
    }
  }

  /** The attributes of an item that are kept, in the order of their tags. */
  #keptAttributes(item: JsonObject, isTop: boolean): readonly KeptAttribute[] {
    const { keep } = this.#options;
    const kept: KeptAttribute[] = [];
    if (isTop) kept.push({ tag: tags.specificCharacterSet, vr: 'CS', attribute: { Value: ['ISO_IR 192'] } });
    for (const name of Object.keys(item)) {
      const tag = tagOfName(name);
      if (tag === undefined || tag === tags.specificCharacterSet) continue;
      const attribute = item[name];
      const vr = isJsonObject(attribute) ? attribute['vr'] : undefined;
      if (!isJsonObject(attribute) || typeof vr !== 'string') {
        if (keep(tag, '')) this.#refuse(tag);
      } else if (keep(tag, vr)) {
        kept.push({ tag, vr, attribute });
      }
    }
    return kept.sort((first, second) => first.tag - second.tag);
  }

  #writeSequence({ tag, attribute }: KeptAttribute, path: string): void {
    const uri = attribute['BulkDataURI'];
    if (typeof uri === 'string') {
      this.references.push({ path, tag, uri });
      return;
    }
    this.writer.beginSequence(tag);
    for (const [index, item] of valuesOf(attribute).entries()) {
      if (item !== null && !isJsonObject(item)) throw new DicomJsonError('a sequence holds something other than items');
      this.writer.beginItem();
      this.writeItem(item ?? {}, `${path}/${index}/`);
      this.writer.endItem();
    }
    this.writer.endSequence();
  }

  #writeValue({ tag, vr, attribute }: KeptAttribute, path: string): void {
    const uri = attribute['BulkDataURI'];
    if (typeof uri === 'string' && attribute['InlineBinary'] === undefined && attribute['Value'] === undefined) {
      const bytes = this.#options.bulk?.get(path);
      if (bytes === undefined) this.references.push({ path, tag, uri });
      // A table may have more 16-bit entries than fit into a US, so it is written as words.
      else this.writer.element(tag, vr === 'US' || vr === 'SS' ? 'OW' : vr, bytes);
      return;
    }
    const bytes = valueBytes(vr, attribute);
    if (bytes === undefined) this.#refuse(tag);
    else this.writer.element(tag, vr, bytes);
  }

  #refuse(tag: number): void {
    if (!this.#options.mustBeRight(tag)) return;
    throw new DicomJsonError(`the attribute ${formatTag(tag)} has no value that makes sense`);
  }
}
