import type { FrameAttributes, Orientation, Vector3 } from '../../types/instance.ts';
import type { ModalityTransform, PixelDescription, VoiFunction, VoiWindow } from '../../types/pixels.ts';
import type { DataSet } from '../elements/data-set.ts';
import { combine, parseDateTime } from '../elements/date-times.ts';
import { readModalityTable, readVoiTable } from '../lookup-tables/read-lookup-tables.ts';
import { tags } from '../tags.ts';
import { readBValue, readEchoTime, readImageComponent, readLaterality, readPatientOrientation } from './frame-kind.ts';
import { type FrameScope, holder } from './frame-scope.ts';
import { changes } from './header-changes.ts';
import type { HeaderNotes } from './header-notes.ts';

/** What the stored values can be. It says whether the first mapped value of a table is signed. */
export type ValueRange = Pick<PixelDescription, 'bitsStored' | 'pixelRepresentation'>;

/** Reads what can differ from frame to frame. */
export function readFrameAttributes(scope: FrameScope, pixels: ValueRange): FrameAttributes {
  const modality = readModality(scope, pixels);
  const imagePositionPatient = readPosition(scope);
  const stackPlace = imagePositionPatient === undefined ? readStackPlace(scope) : placedOtherwise;
  return {
    imagePositionPatient,
    imageOrientationPatient: readOrientation(scope),
    pixelSpacing: readSpacing(scope),
    sliceLocation: scope.top.decimal(tags.sliceLocation),
    segmentNumber: readSegmentNumber(scope),
    tilePosition: readTilePosition(scope),
    stackId: stackPlace.stackId,
    inStackPositionNumber: stackPlace.inStackPositionNumber,
    dimensionIndexValues: stackPlace.dimensionIndexValues,
    temporalPosition: readTemporalPosition(scope),
    triggerTime: readTriggerTime(scope),
    echoTimeMs: readEchoTime(scope),
    diffusionBValue: readBValue(scope),
    imageComponent: readImageComponent(scope),
    laterality: readLaterality(scope),
    patientOrientation: readPatientOrientation(scope),
    acquisitionTime: readAcquisitionTime(scope),
    contentTime: readContentTime(scope),
    modality,
    unit: readUnit(scope),
    windows: readWindows(scope),
    voiTables: readVoiTables(scope, pixels, modality),
  };
}

/**
 * The attributes of the only frame of an instance, made from those of the instance before: they differ only in
 * `changed` (bits of {@link changes}). Neither instance has functional groups or other sequences.
 */
export function updateFrameAttributes(
  before: FrameAttributes,
  top: DataSet,
  manufacturer: string,
  changed: number,
  pixels: ValueRange,
  notes: HeaderNotes,
): FrameAttributes {
  const scope: FrameScope = { perFrame: undefined, shared: undefined, top, manufacturer, notes };
  const has = (change: number): boolean => (changed & change) !== 0;
  // Every property is written out: a spread takes many times as long.
  return {
    imagePositionPatient: has(changes.position) ? readPosition(scope) : before.imagePositionPatient,
    imageOrientationPatient: before.imageOrientationPatient,
    pixelSpacing: before.pixelSpacing,
    sliceLocation: has(changes.sliceLocation) ? top.decimal(tags.sliceLocation) : before.sliceLocation,
    segmentNumber: before.segmentNumber,
    tilePosition: before.tilePosition,
    stackId: before.stackId,
    inStackPositionNumber: before.inStackPositionNumber,
    dimensionIndexValues: before.dimensionIndexValues,
    temporalPosition: has(changes.temporalPosition) ? readTemporalPosition(scope) : before.temporalPosition,
    triggerTime: has(changes.triggerTime) ? readTriggerTime(scope) : before.triggerTime,
    echoTimeMs: has(changes.echoTime) ? readEchoTime(scope) : before.echoTimeMs,
    diffusionBValue: has(changes.diffusion) ? readBValue(scope) : before.diffusionBValue,
    imageComponent: before.imageComponent,
    laterality: has(changes.side) ? readLaterality(scope) : before.laterality,
    patientOrientation: has(changes.side) ? readPatientOrientation(scope) : before.patientOrientation,
    acquisitionTime: has(changes.acquisitionTime) ? readAcquisitionTime(scope) : before.acquisitionTime,
    contentTime: has(changes.contentTime) ? readContentTime(scope) : before.contentTime,
    modality: has(changes.rescale) ? readModality(scope, pixels) : before.modality,
    unit: before.unit,
    windows: has(changes.window) ? readWindows(scope) : before.windows,
    voiTables: before.voiTables,
  };
}

function finite(values: readonly number[] | undefined, count: number): readonly number[] | undefined {
  if (values === undefined || values.length < count) return undefined;
  return values.slice(0, count).every(Number.isFinite) ? values : undefined;
}

function readPosition(scope: FrameScope): Vector3 | undefined {
  const patient = holder(scope, tags.planePositionSequence, tags.imagePositionPatient);
  const volume = patient ?? holder(scope, tags.planePositionVolumeSequence, tags.imagePositionVolume);
  const tag = patient === undefined ? tags.imagePositionVolume : tags.imagePositionPatient;
  const values = finite(volume?.decimals(tag), 3);
  return values === undefined ? undefined : [values[0] ?? 0, values[1] ?? 0, values[2] ?? 0];
}

function readOrientation(scope: FrameScope): Orientation | undefined {
  const patient = holder(scope, tags.planeOrientationSequence, tags.imageOrientationPatient);
  const volume = patient ?? holder(scope, tags.planeOrientationVolumeSequence, tags.imageOrientationVolume);
  const tag = patient === undefined ? tags.imageOrientationVolume : tags.imageOrientationPatient;
  const values = finite(volume?.decimals(tag), 6);
  if (values === undefined) return undefined;
  const [rx = 0, ry = 0, rz = 0, cx = 0, cy = 0, cz = 0] = values;
  // All zeros, or rows parallel to columns, are no orientation. Both occur.
  const normal = Math.hypot(ry * cz - rz * cy, rz * cx - rx * cz, rx * cy - ry * cx);
  return normal > 0.1 ? [rx, ry, rz, cx, cy, cz] : undefined;
}

/** Millimetres between rows and between columns; for projection images the spacing at the detector. */
function readSpacing(scope: FrameScope): readonly [number, number] | undefined {
  const measured = holder(scope, tags.pixelMeasuresSequence, tags.pixelSpacing);
  for (const candidate of [
    measured?.decimals(tags.pixelSpacing),
    scope.top.decimals(tags.imagerPixelSpacing),
    scope.top.decimals(tags.nominalScannedPixelSpacing),
    ultrasoundSpacing(scope.top),
  ]) {
    const [row = 0, column = 0] = finite(candidate, 2) ?? [];
    if (row > 0 && column > 0) return [row, column];
  }
  return undefined;
}

/** Physical Delta of the first ultrasound region that has centimetres in both directions (PS3.3 C.8.5.5). */
function ultrasoundSpacing(top: DataSet): readonly number[] | undefined {
  const centimetres = 3;
  for (const region of top.items(tags.sequenceOfUltrasoundRegions)) {
    if (region.uint16(tags.physicalUnitsXDirection) !== centimetres) continue;
    if (region.uint16(tags.physicalUnitsYDirection) !== centimetres) continue;
    const x = Math.abs(region.float64s(tags.physicalDeltaX)[0] ?? 0) * 10;
    const y = Math.abs(region.float64s(tags.physicalDeltaY)[0] ?? 0) * 10;
    if (x > 0 && y > 0) return [y, x];
  }
  return undefined;
}

function readSegmentNumber(scope: FrameScope): number | undefined {
  const macro = tags.segmentIdentificationSequence;
  return holder(scope, macro, tags.referencedSegmentNumber)?.uint16(tags.referencedSegmentNumber);
}

/** Row and Column Position In Total Image Pixel Matrix (PS3.3 C.8.12.6.1). */
function readTilePosition(scope: FrameScope): readonly [number, number] | undefined {
  const source = holder(scope, tags.planePositionSlideSequence, tags.rowPositionInTotalImagePixelMatrix);
  const [row] = source?.int32s(tags.rowPositionInTotalImagePixelMatrix) ?? [];
  const [column] = source?.int32s(tags.columnPositionInTotalImagePixelMatrix) ?? [];
  return row === undefined || column === undefined ? undefined : [row, column];
}

type StackPlace = Pick<FrameAttributes, 'stackId' | 'inStackPositionNumber' | 'dimensionIndexValues'>;

const placedOtherwise: StackPlace = {
  stackId: undefined,
  inStackPositionNumber: undefined,
  dimensionIndexValues: undefined,
};

/** Where a frame belongs whose header has no position (PS3.3 C.7.6.16.2.2). */
function readStackPlace({ perFrame }: FrameScope): StackPlace {
  const content = perFrame?.item(tags.frameContentSequence);
  if (content === undefined) return placedOtherwise;
  const indices = content.uint32s(tags.dimensionIndexValues);
  return {
    stackId: content.text(tags.stackId),
    inStackPositionNumber: content.uint32s(tags.inStackPositionNumber)[0],
    dimensionIndexValues: indices.length > 0 && indices.every(Number.isFinite) ? indices : undefined,
  };
}

function readTemporalPosition(scope: FrameScope): number | undefined {
  const index = holder(scope, tags.frameContentSequence, tags.temporalPositionIndex)?.uint32(
    tags.temporalPositionIndex,
  );
  return index ?? scope.top.integer(tags.temporalPositionIdentifier);
}

function readTriggerTime(scope: FrameScope): number | undefined {
  const cardiac = holder(scope, tags.cardiacSynchronizationSequence, tags.nominalCardiacTriggerDelayTime);
  const delay = cardiac?.float64s(tags.nominalCardiacTriggerDelayTime)[0];
  return delay !== undefined && Number.isFinite(delay) ? delay : scope.top.decimal(tags.triggerTime);
}

function readAcquisitionTime(scope: FrameScope): number | undefined {
  const content = scope.perFrame?.item(tags.frameContentSequence);
  const frameTime =
    parseDateTime(content?.text(tags.frameAcquisitionDateTime)) ??
    parseDateTime(content?.text(tags.frameReferenceDateTime));
  const { top } = scope;
  return (
    frameTime ??
    combine(top.text(tags.acquisitionDate), top.text(tags.acquisitionTime)) ??
    parseDateTime(top.text(tags.acquisitionDateTime))
  );
}

function readContentTime({ top }: FrameScope): number | undefined {
  return combine(top.text(tags.contentDate), top.text(tags.contentTime));
}

/** Modality LUT Sequence, or Rescale Slope and Intercept, or Dose Grid Scaling (PS3.3 C.11.1, C.8.8.3). */
function readModality(scope: FrameScope, pixels: ValueRange): ModalityTransform {
  const tableItem = scope.top.item(tags.modalityLutSequence);
  const table = tableItem === undefined ? undefined : readModalityTable(tableItem, pixels.pixelRepresentation === 1);
  if (table !== undefined) return { kind: 'table', table };
  const macro = tags.pixelValueTransformationSequence;
  const { notes } = scope;
  const slope =
    readFactor(holder(scope, macro, tags.rescaleSlope), tags.rescaleSlope, 'Rescale Slope', notes) ??
    readFactor(scope.top, tags.doseGridScaling, 'Dose Grid Scaling', notes);
  const interceptHolder = holder(scope, macro, tags.rescaleIntercept);
  const intercept = interceptHolder?.decimal(tags.rescaleIntercept);
  if (interceptHolder !== undefined && intercept === undefined) {
    notes.add(`Rescale Intercept ${wrongNumber(interceptHolder, tags.rescaleIntercept)}: 0 is taken in its place.`);
  }
  return { kind: 'linear', slope: slope ?? 1, intercept: intercept ?? 0 };
}

/**
 * A factor of the values. One of 0 would make every image constant: the standard forbids it, and where it occurs, it means
 * "not set".
 */
function readFactor(source: DataSet | undefined, tag: number, name: string, notes: HeaderNotes): number | undefined {
  if (source?.has(tag) !== true) return undefined;
  const factor = source.decimal(tag);
  if (factor !== undefined && factor !== 0) return factor;
  notes.add(`${name} ${factor === 0 ? 'is 0' : wrongNumber(source, tag)}: 1 is taken in its place.`);
  return undefined;
}

/** What is wrong with a decimal string that is no number. */
function wrongNumber(source: DataSet, tag: number): string {
  const text = source.text(tag) ?? '';
  return text === '' ? 'is empty' : `is '${text.slice(0, maxQuoted)}', which is no number`;
}

/** Characters of a wrong value that a note quotes. */
const maxQuoted = 16;
/** Wider windows are taken for errors: no values spread so far. */
const maxWindow = 1e15;

/** Rescale Type (PS3.3 C.11.1), or the Units of a PET or NM image (C.8.9.1). */
function readUnit(scope: FrameScope): string | undefined {
  const source = holder(scope, tags.pixelValueTransformationSequence, tags.rescaleType);
  return source?.text(tags.rescaleType) ?? scope.top.text(tags.units);
}

function readWindows(scope: FrameScope): readonly VoiWindow[] {
  const source = holder(scope, tags.frameVoiLutSequence, tags.windowCenter);
  if (source === undefined) return [];
  const centers = source.decimals(tags.windowCenter);
  const widths = source.decimals(tags.windowWidth);
  const voiFunction = readVoiFunction(source, scope.notes);
  const windows: VoiWindow[] = [];
  for (const [index, center] of centers.entries()) {
    const width = widths[index] ?? Number.NaN;
    if (Math.abs(center) <= maxWindow && width > 0 && width <= maxWindow) {
      windows.push({ center, width, function: voiFunction });
    } else if (!isEmpty(source, tags.windowCenter) || !isEmpty(source, tags.windowWidth)) {
      scope.notes.add(
        'A stored window is left out: its Window Center or Window Width is missing, no number, not above 0, or absurd.',
      );
    }
  }
  return windows;
}

function isEmpty(source: DataSet, tag: number): boolean {
  return (source.text(tag) ?? '') === '';
}

/** VOI LUT Function (PS3.3 C.11.2.1.3), in small letters too. */
function readVoiFunction(source: DataSet, notes: HeaderNotes): VoiFunction {
  const text = source.text(tags.voiLutFunction) ?? '';
  const name = text.toUpperCase();
  if (name === 'SIGMOID' || name === 'LINEAR_EXACT') return name;
  if (name !== 'LINEAR' && name !== '') {
    notes.add(`VOI LUT Function is '${text.slice(0, maxQuoted)}', which the standard does not have: LINEAR is taken.`);
  }
  return 'LINEAR';
}

function readVoiTables(
  scope: FrameScope,
  pixels: ValueRange,
  modality: ModalityTransform,
): FrameAttributes['voiTables'] {
  const source = holder(scope, tags.frameVoiLutSequence, tags.voiLutSequence);
  const items = source?.items(tags.voiLutSequence) ?? [];
  return items.flatMap((item) => readVoiTable(item, pixels, modality) ?? []);
}
