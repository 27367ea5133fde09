import { InvalidDicomError } from '../../base/errors.ts';
import type { LookupTable, ModalityTransform, Palette, PixelDescription } from '../../types/pixels.ts';
import type { DataSet } from '../elements/data-set.ts';
import { tags } from '../tags.ts';
import { lookupTable, type PaletteChannel, palette, type RawLutDescriptor, voiInputIsSigned } from './lookup-tables.ts';

/**
 * Reads an item of Modality LUT Sequence (PS3.3 C.11.1); undefined where it has no descriptor or no data.
 *
 * @throws InvalidDicomError where there are fewer entries than the descriptor says
 */
export function readModalityTable(item: DataSet, pixelsAreSigned: boolean): LookupTable | undefined {
  return readTable(item, pixelsAreSigned);
}

/**
 * Reads an item of VOI LUT Sequence (PS3.3 C.11.2), which maps modality values; undefined where it has no descriptor or
 * no data.
 *
 * @throws InvalidDicomError where there are fewer entries than the descriptor says
 */
export function readVoiTable(
  item: DataSet,
  pixels: Pick<PixelDescription, 'bitsStored' | 'pixelRepresentation'>,
  modality: ModalityTransform,
): LookupTable | undefined {
  return readTable(item, voiInputIsSigned(modality, pixels));
}

function readTable(item: DataSet, signed: boolean): LookupTable | undefined {
  const descriptor = readDescriptor(item, tags.lutDescriptor);
  const data = item.valueBytes(tags.lutData);
  if (descriptor === undefined || data === undefined) return undefined;
  return lookupTable(descriptor, data, { littleEndian: !item.bigEndian, signed });
}

const channels = [
  [tags.redPaletteDescriptor, tags.redPaletteData, tags.segmentedRedPaletteData],
  [tags.greenPaletteDescriptor, tags.greenPaletteData, tags.segmentedGreenPaletteData],
  [tags.bluePaletteDescriptor, tags.bluePaletteData, tags.segmentedBluePaletteData],
] as const;

/**
 * Reads Palette Color Lookup Tables (PS3.3 C.7.9), segments expanded. Undefined where there are none, and where they
 * are broken: whether that matters depends on the image.
 */
export function readPalette(dataSet: DataSet, pixelsAreSigned: boolean): Palette | undefined {
  const [red, green, blue] = channels.map(([descriptor, plain, segmented]) =>
    readChannel(dataSet, descriptor, plain, segmented),
  );
  if (red === undefined || green === undefined || blue === undefined) return undefined;
  try {
    const found = palette({ red, green, blue }, { littleEndian: !dataSet.bigEndian, signed: pixelsAreSigned });
    const isSupplemental = ['COLOR', 'MIXED'].includes(dataSet.text(tags.pixelPresentation) ?? '');
    return isSupplemental ? { ...found, supplemental: true } : found;
  } catch (error) {
    if (error instanceof InvalidDicomError) return undefined;
    throw error;
  }
}

function readChannel(
  dataSet: DataSet,
  descriptorTag: number,
  plainTag: number,
  segmentedTag: number,
): PaletteChannel | undefined {
  const descriptor = readDescriptor(dataSet, descriptorTag);
  const plain = dataSet.valueBytes(plainTag);
  const data = plain ?? dataSet.valueBytes(segmentedTag);
  if (descriptor === undefined || data === undefined) return undefined;
  return { descriptor, data, segmented: plain === undefined };
}

function readDescriptor(dataSet: DataSet, tag: number): RawLutDescriptor | undefined {
  const [entries, firstMapped, bits] = dataSet.uint16s(tag);
  if (entries === undefined || firstMapped === undefined || bits === undefined) return undefined;
  return [entries, firstMapped, bits];
}
