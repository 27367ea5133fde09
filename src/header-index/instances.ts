import type { FrameAttributes, InstanceHeader, PixelDataLocation } from '../types/instance.ts';
import type { PixelDescription, VoiFunction, VoiWindow } from '../types/pixels.ts';
import type { ColumnName, HeaderIndexTable } from './columns.ts';
import { decodeHeaderIndex, NotAHeaderIndexError } from './decode.ts';
import { reviveJson } from './json.ts';
import { type FoundInObject, type IndexedObject, usualFrame, usualHeader } from './rows.ts';

/**
 * The objects of a header index.
 *
 * @param properties what the file must say of itself
 * @throws NotAHeaderIndexError, and hyparquet's errors where the bytes are not Parquet
 */
export async function objectsOfHeaderIndex(
  bytes: Uint8Array<ArrayBuffer>,
  properties: Readonly<Record<string, string>>,
): Promise<readonly IndexedObject[]> {
  return objectsOfTable(await decodeHeaderIndex(bytes, properties));
}

/**
 * The objects whose rows a table holds, with instances as the header pass found them.
 *
 * @throws NotAHeaderIndexError where the table contradicts itself
 */
export function objectsOfTable(table: HeaderIndexTable): readonly IndexedObject[] {
  const objects: IndexedObject[] = [];
  const parts = partsOf(table);
  const { length } = table.key;
  for (let row = 0; row < length; ) {
    const key = table.key[row];
    if (key === undefined) throw new NotAHeaderIndexError('Expected a key in every row.');
    let end = row + 1;
    while (end < length && table.key[end] === key) end++;
    const object = { key, byteLength: table.byteLength[row], etag: table.etag[row], modified: table.modified[row] };
    objects.push({ object, found: foundIn(table, parts, key, row, end) });
    row = end;
  }
  return objects;
}

/** Makes the parts of a header or a frame, each out of a row. */
interface Parts {
  readonly imageType: (row: number) => InstanceHeader['imageType'];
  readonly pixels: (row: number) => InstanceHeader['pixels'];
  readonly orientation: (row: number) => FrameAttributes['imageOrientationPatient'];
  readonly windows: (row: number) => FrameAttributes['windows'];
}

function partsOf(table: HeaderIndexTable): Parts {
  return {
    imageType: partOf(table, ['imageType'], imageTypeOfRow),
    pixels: partOf(table, pixelColumns, pixelsOfRow),
    orientation: partOf(table, orientationColumns, orientationOfRow),
    windows: partOf(table, windowColumns, windowsOfRow),
  };
}

type Columns<Name extends ColumnName> = Pick<HeaderIndexTable, Name>;

/**
 * Makes a part out of these columns. Where each of them holds one value in all rows, as is usual, all instances share one
 * part. They take half the memory then, and a short run ends before it has to collect garbage.
 */
function partOf<Name extends ColumnName, Part>(
  table: HeaderIndexTable,
  names: readonly Name[],
  make: (columns: Columns<Name>, row: number) => Part,
): (row: number) => Part {
  if (!names.every((name) => isConstant(table[name]))) return (row) => make(table, row);
  const part = make(table, 0);
  return () => part;
}

function isConstant(cells: ArrayLike<unknown>): boolean {
  for (let row = 1; row < cells.length; row++) if (!Object.is(cells[row], cells[0])) return false;
  return true;
}

function foundIn(table: HeaderIndexTable, parts: Parts, key: string, row: number, end: number): FoundInObject {
  const problem = table.problem[row];
  if (problem === 'not-dicom') return { kind: problem };
  if (problem === 'damaged') return { kind: problem, message: table.message[row] ?? '' };
  if (problem !== undefined) throw new NotAHeaderIndexError(`Expected a known problem but it is '${problem}'.`);
  const instance = {
    key,
    header: headerOfRows(table, parts, row, end),
    etag: table.readEtag[row] ?? table.etag[row],
    objectByteLength: table.byteLength[row],
    complete: table.complete[row] === true,
    bytes: undefined,
    deflated: table.deflated[row] === true,
  };
  return { kind: 'instance', instance };
}

function headerOfRows(table: HeaderIndexTable, parts: Parts, row: number, end: number): InstanceHeader {
  const numberOfFrames = table.numberOfFrames[row] ?? 0;
  if (numberOfFrames < 1 || end - row > numberOfFrames) {
    throw new NotAHeaderIndexError(`Expected a row a frame but there are ${end - row} for ${numberOfFrames} frames.`);
  }
  const vertical = table.pixelAspectRatioVertical[row];
  const horizontal = table.pixelAspectRatioHorizontal[row];
  const low = table.pixelPaddingLow[row];
  const high = table.pixelPaddingHigh[row];
  const offsets = table.extendedOffsets[row];
  const lengths = table.extendedLengths[row];
  const shape = table.presentationLutShape[row];
  const frames: FrameAttributes[] = [];
  for (let frame = row; frame < end; frame++) frames.push(frameOfRow(table, parts, frame));
  return {
    sopClassUid: table.sopClassUid[row] ?? '',
    sopInstanceUid: table.sopInstanceUid[row] ?? '',
    seriesInstanceUid: table.seriesInstanceUid[row] ?? '',
    studyInstanceUid: table.studyInstanceUid[row] ?? '',
    modality: table.modality[row] ?? '',
    seriesDescription: table.seriesDescription[row] ?? '',
    seriesNumber: table.seriesNumber[row],
    seriesDate: table.seriesDate[row] ?? '',
    manufacturer: table.manufacturer[row] ?? '',
    manufacturerModelName: table.manufacturerModelName[row] ?? '',
    bodyPartExamined: table.bodyPartExamined[row] ?? '',
    protocolName: table.protocolName[row] ?? '',
    frameTimeMs: table.frameTimeMs[row],
    recommendedDisplayFrameRate: table.recommendedDisplayFrameRate[row],
    cineRate: table.cineRate[row],
    lossyImageCompression: table.lossyImageCompression[row],
    lossyCompressions: table.lossyCompressions[row],
    burnedInAnnotation: table.burnedInAnnotation[row],
    imageType: parts.imageType(row),
    transferSyntaxUid: table.transferSyntaxUid[row] ?? '',
    instanceNumber: table.instanceNumber[row],
    numberOfFrames,
    pixels: parts.pixels(row),
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

function imageTypeOfRow(table: Columns<'imageType'>, row: number): readonly string[] {
  return table.imageType[row]?.split('\\') ?? [];
}

const pixelColumns = [
  'rows',
  'columns',
  'samplesPerPixel',
  'photometricInterpretation',
  'planarConfiguration',
  'bitsAllocated',
  'bitsStored',
  'highBit',
  'pixelRepresentation',
  'pixelDataKind',
] as const;

function pixelsOfRow(table: Columns<(typeof pixelColumns)[number]>, row: number): PixelDescription | undefined {
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
    throw new NotAHeaderIndexError('Expected all attributes of the pixels or none.');
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

function pixelDataOfRow(table: HeaderIndexTable, row: number): PixelDataLocation | undefined {
  const offset = table.pixelDataOffset[row];
  if (offset === undefined) return undefined;
  return { offset, length: table.pixelDataLength[row], encapsulated: table.pixelDataEncapsulated[row] === true };
}

function frameOfRow(table: HeaderIndexTable, parts: Parts, row: number): FrameAttributes {
  const x = table.imagePositionPatientX[row];
  const y = table.imagePositionPatientY[row];
  const z = table.imagePositionPatientZ[row];
  const tileRow = table.tilePositionRow[row];
  const tileColumn = table.tilePositionColumn[row];
  const spacingRow = table.pixelSpacingRow[row];
  const towards = table.patientOrientationRow[row];
  const down = table.patientOrientationColumn[row];
  const spacingColumn = table.pixelSpacingColumn[row];
  return {
    imagePositionPatient: x === undefined || y === undefined || z === undefined ? undefined : [x, y, z],
    imageOrientationPatient: parts.orientation(row),
    pixelSpacing: spacingRow === undefined || spacingColumn === undefined ? undefined : [spacingRow, spacingColumn],
    sliceLocation: table.sliceLocation[row],
    segmentNumber: table.segmentNumber[row],
    tilePosition: tileRow === undefined || tileColumn === undefined ? undefined : [tileRow, tileColumn],
    temporalPosition: table.temporalPosition[row],
    triggerTime: table.triggerTime[row],
    echoTimeMs: table.echoTimeMs[row],
    diffusionBValue: table.diffusionBValue[row],
    imageComponent: imageComponentOf(table.imageComponent[row]),
    laterality: table.laterality[row],
    patientOrientation: towards === undefined || down === undefined ? undefined : [towards, down],
    acquisitionTime: table.acquisitionTime[row],
    contentTime: table.contentTime[row],
    modality: { kind: 'linear', slope: table.rescaleSlope[row] ?? 1, intercept: table.rescaleIntercept[row] ?? 0 },
    unit: table.unit[row],
    windows: parts.windows(row),
    ...usualFrame,
    ...othersIn<FrameAttributes>(table.frameMore[row]),
  };
}

function imageComponentOf(name: string | undefined): FrameAttributes['imageComponent'] {
  switch (name) {
    case 'MAGNITUDE':
    case 'PHASE':
    case 'REAL':
    case 'IMAGINARY':
    case 'MIXED':
      return name;
    default:
      return undefined;
  }
}

/** The properties that have no columns, as `othersOf` wrote them. */
function othersIn<Part>(text: string | undefined): Partial<Part> {
  const others: Partial<Part> = text === undefined ? {} : JSON.parse(text, reviveJson);
  return others;
}

const orientationColumns = [
  'imageOrientationPatientRowX',
  'imageOrientationPatientRowY',
  'imageOrientationPatientRowZ',
  'imageOrientationPatientColumnX',
  'imageOrientationPatientColumnY',
  'imageOrientationPatientColumnZ',
] as const;

function orientationOfRow(
  table: Columns<(typeof orientationColumns)[number]>,
  row: number,
): FrameAttributes['imageOrientationPatient'] {
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

const windowColumns = ['windowCenters', 'windowWidths', 'voiLutFunction'] as const;

function windowsOfRow(table: Columns<(typeof windowColumns)[number]>, row: number): readonly VoiWindow[] {
  const centers = table.windowCenters[row];
  const widths = table.windowWidths[row];
  const name = table.voiLutFunction[row];
  if (centers === undefined || widths === undefined || !isVoiFunction(name)) return [];
  if (centers.length !== widths.length) throw new NotAHeaderIndexError('Expected as many window widths as centers.');
  return centers.map((center, index) => ({ center, width: widths[index] ?? 0, function: name }));
}

function isVoiFunction(name: string | undefined): name is VoiFunction {
  return name === 'LINEAR' || name === 'LINEAR_EXACT' || name === 'SIGMOID';
}
