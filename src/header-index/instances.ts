import type { FrameAttributes, InstanceHeader, PixelDataLocation } from '../types/instance.ts';
import type { PixelDescription, VoiFunction, VoiWindow } from '../types/pixels.ts';
import type { IndexTable } from './columns.ts';
import { decodeIndex } from './decode.ts';
import { reviveJson } from './json.ts';
import { type FoundInObject, type IndexedObject, usualFrame, usualHeader } from './rows.ts';

/** A table that passes for an index but cannot be one that this program wrote. */
class ContradictionError extends Error {
  override readonly name = 'ContradictionError';
}

/**
 * The objects of an index with these properties.
 *
 * @throws an error for bytes that are none, are damaged, or contradict themselves
 */
export async function objectsOfIndex(
  bytes: Uint8Array<ArrayBuffer>,
  properties: Readonly<Record<string, string>>,
): Promise<readonly IndexedObject[]> {
  return objectsOfTable(await decodeIndex(bytes, properties));
}

/**
 * Gives back the objects whose rows a table holds, with instances as the header pass found them.
 *
 * @throws an error where the table contradicts itself
 */
export function objectsOfTable(table: IndexTable): readonly IndexedObject[] {
  const objects: IndexedObject[] = [];
  const { length } = table.key;
  for (let row = 0; row < length; ) {
    const key = table.key[row];
    if (key === undefined) throw new ContradictionError('a row without key');
    let end = row + 1;
    while (end < length && table.key[end] === key) end++;
    objects.push(objectOfRows(table, key, row, end));
    row = end;
  }
  return objects;
}

function objectOfRows(table: IndexTable, key: string, row: number, end: number): IndexedObject {
  const object = { key, byteLength: table.byteLength[row], etag: table.etag[row], modified: table.modified[row] };
  return { object, found: foundIn(table, key, row, end) };
}

function foundIn(table: IndexTable, key: string, row: number, end: number): FoundInObject {
  const problem = table.problem[row];
  if (problem === 'not-dicom') return { kind: problem };
  if (problem === 'damaged') return { kind: problem, message: table.message[row] ?? '' };
  if (problem !== undefined) throw new ContradictionError(`the problem '${problem}'`);
  const instance = {
    key,
    header: headerOfRows(table, row, end),
    etag: table.readEtag[row] ?? table.etag[row],
    objectByteLength: table.byteLength[row],
    complete: table.complete[row] === true,
    bytes: undefined,
    deflated: table.deflated[row] === true,
  };
  return { kind: 'instance', instance };
}

function headerOfRows(table: IndexTable, row: number, end: number): InstanceHeader {
  const imageType = table.imageType[row];
  const numberOfFrames = table.numberOfFrames[row] ?? 0;
  if (numberOfFrames < 1 || end - row > numberOfFrames) {
    throw new ContradictionError(`${end - row} rows for ${numberOfFrames} frames`);
  }
  const vertical = table.pixelAspectRatioVertical[row];
  const horizontal = table.pixelAspectRatioHorizontal[row];
  const low = table.pixelPaddingLow[row];
  const high = table.pixelPaddingHigh[row];
  const offsets = table.extendedOffsets[row];
  const lengths = table.extendedLengths[row];
  const shape = table.presentationLutShape[row];
  const frames: FrameAttributes[] = [];
  for (let frame = row; frame < end; frame++) frames.push(frameOfRow(table, frame));
  return {
    sopClassUid: table.sopClassUid[row] ?? '',
    sopInstanceUid: table.sopInstanceUid[row] ?? '',
    seriesInstanceUid: table.seriesInstanceUid[row] ?? '',
    studyInstanceUid: table.studyInstanceUid[row] ?? '',
    modality: table.modality[row] ?? '',
    seriesDescription: table.seriesDescription[row] ?? '',
    imageType: imageType === undefined ? [] : imageType.split('\\'),
    transferSyntaxUid: table.transferSyntaxUid[row] ?? '',
    instanceNumber: table.instanceNumber[row],
    numberOfFrames,
    pixels: pixelsOfRow(table, row),
    pixelData: pixelDataOfRow(table, row),
    extendedOffsets: offsets === undefined || lengths === undefined ? undefined : { offsets, lengths },
    pixelAspectRatio: vertical === undefined || horizontal === undefined ? undefined : [vertical, horizontal],
    padding: low === undefined || high === undefined ? undefined : { low, high },
    presentationLutShape: shape === 'IDENTITY' || shape === 'INVERSE' ? shape : undefined,
    ...usualHeader,
    ...othersIn<InstanceHeader>(table.more[row]),
    frames,
  };
}

function pixelsOfRow(table: IndexTable, row: number): PixelDescription | undefined {
  const kind = table.pixelDataKind[row];
  if (kind === undefined) return undefined;
  const rows = table.rows[row];
  const columns = table.columns[row];
  const samplesPerPixel = table.samplesPerPixel[row];
  const photometricInterpretation = table.photometricInterpretation[row];
  const bitsAllocated = table.bitsAllocated[row];
  const bitsStored = table.bitsStored[row];
  const highBit = table.highBit[row];
  if (
    (kind !== 'integer' && kind !== 'float' && kind !== 'double') ||
    rows === undefined ||
    columns === undefined ||
    samplesPerPixel === undefined ||
    photometricInterpretation === undefined ||
    bitsAllocated === undefined ||
    bitsStored === undefined ||
    highBit === undefined
  ) {
    throw new ContradictionError('an incomplete description of the pixels');
  }
  return {
    rows,
    columns,
    samplesPerPixel,
    photometricInterpretation,
    planarConfiguration: table.planarConfiguration[row] === 1 ? 1 : 0,
    bitsAllocated,
    bitsStored,
    highBit,
    pixelRepresentation: table.pixelRepresentation[row] === 1 ? 1 : 0,
    kind,
  };
}

function pixelDataOfRow(table: IndexTable, row: number): PixelDataLocation | undefined {
  const offset = table.pixelDataOffset[row];
  if (offset === undefined) return undefined;
  return { offset, length: table.pixelDataLength[row], encapsulated: table.pixelDataEncapsulated[row] === true };
}

function frameOfRow(table: IndexTable, row: number): FrameAttributes {
  const x = table.imagePositionPatientX[row];
  const y = table.imagePositionPatientY[row];
  const z = table.imagePositionPatientZ[row];
  const tileRow = table.tilePositionRow[row];
  const tileColumn = table.tilePositionColumn[row];
  const spacingRow = table.pixelSpacingRow[row];
  const spacingColumn = table.pixelSpacingColumn[row];
  return {
    imagePositionPatient: x === undefined || y === undefined || z === undefined ? undefined : [x, y, z],
    imageOrientationPatient: orientationOfRow(table, row),
    pixelSpacing: spacingRow === undefined || spacingColumn === undefined ? undefined : [spacingRow, spacingColumn],
    sliceLocation: table.sliceLocation[row],
    segmentNumber: table.segmentNumber[row],
    tilePosition: tileRow === undefined || tileColumn === undefined ? undefined : [tileRow, tileColumn],
    temporalPosition: table.temporalPosition[row],
    triggerTime: table.triggerTime[row],
    acquisitionTime: table.acquisitionTime[row],
    contentTime: table.contentTime[row],
    modality: { kind: 'linear', slope: table.rescaleSlope[row] ?? 1, intercept: table.rescaleIntercept[row] ?? 0 },
    unit: table.unit[row],
    windows: windowsOfRow(table, row),
    ...usualFrame,
    ...othersIn<FrameAttributes>(table.frameMore[row]),
  };
}

/** Properties without columns of their own, as they were written. */
function othersIn<Part>(text: string | undefined): Partial<Part> {
  const others: Partial<Part> = text === undefined ? {} : JSON.parse(text, reviveJson);
  return others;
}

function orientationOfRow(table: IndexTable, row: number): FrameAttributes['imageOrientationPatient'] {
  const rowX = table.imageOrientationPatientRowX[row];
  const rowY = table.imageOrientationPatientRowY[row];
  const rowZ = table.imageOrientationPatientRowZ[row];
  const columnX = table.imageOrientationPatientColumnX[row];
  const columnY = table.imageOrientationPatientColumnY[row];
  const columnZ = table.imageOrientationPatientColumnZ[row];
  if (rowX === undefined || rowY === undefined || rowZ === undefined) return undefined;
  if (columnX === undefined || columnY === undefined || columnZ === undefined) return undefined;
  return [rowX, rowY, rowZ, columnX, columnY, columnZ];
}

function windowsOfRow(table: IndexTable, row: number): readonly VoiWindow[] {
  const centers = table.windowCenters[row];
  const widths = table.windowWidths[row];
  const name = table.voiLutFunction[row];
  if (centers === undefined || widths === undefined || !isVoiFunction(name)) return [];
  if (centers.length !== widths.length) throw new ContradictionError('window centers without widths');
  return centers.map((center, index) => ({ center, width: widths[index] ?? 0, function: name }));
}

function isVoiFunction(name: string | undefined): name is VoiFunction {
  return name === 'LINEAR' || name === 'LINEAR_EXACT' || name === 'SIGMOID';
}
