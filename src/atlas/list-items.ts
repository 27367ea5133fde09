import { type StorageOptions, UsageError } from '../index.ts';
import type { AtlasItem } from './types.ts';

/** Which series of a source are wanted. Texts are compared without case. */
export interface SourceFilters {
  readonly modality?: readonly string[] | undefined;
  readonly collection?: readonly string[] | undefined;
  readonly patient?: readonly string[] | undefined;
  readonly bodyPart?: readonly string[] | undefined;
}

export interface SourceOptions {
  readonly storage: StorageOptions;
  readonly filters: SourceFilters;
  readonly includePatient: boolean;
  /** Standard input, for the source `-`. */
  readonly stdin: NodeJS.ReadableStream;
  readonly onWarning: (message: string) => void;
  readonly signal: AbortSignal;
}

/** Names of the columns that name a series, the best one first. */
export const nameColumns: readonly string[] = [
  ...['series_aws_url', 'aws_url', 'url', 'location', 'path', 'crdc_series_uuid', 'series', 'name'],
  ...['SeriesInstanceUID', 'series_instance_uid', 'uid'],
];
export const idColumns: readonly string[] = ['SeriesInstanceUID', 'series_instance_uid', 'uid'];

export type Values = Readonly<Record<string, string | null>>;

export const collectionColumns: readonly string[] = ['collection_id', 'collection'];
export const patientColumns: readonly string[] = ['PatientID', 'patient_id'];
export const bodyPartColumns: readonly string[] = ['BodyPartExamined', 'body_part'];

export const otherColumns: readonly string[] = [
  'collection_id',
  'collection',
  'PatientID',
  'patient_id',
  'Modality',
  'modality',
  'BodyPartExamined',
  'body_part',
  'root',
];

export function isSameName(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

export function textOf(value: unknown): string | null {
  return value === null || value === undefined ? null : String(value);
}

/** What a row of a list says. */
interface Facts {
  readonly name: string | undefined;
  readonly uid: string | undefined;
  readonly root: string | undefined;
  readonly collection: string | undefined;
  readonly patient: string | undefined;
  readonly modality: string | undefined;
  readonly bodyPart: string | undefined;
}

export function itemOf(values: Values, options: SourceOptions): AtlasItem | undefined {
  const facts = {
    ...{ name: firstValue(values, nameColumns), uid: firstValue(values, idColumns) },
    ...{ root: firstValue(values, ['root']), collection: firstValue(values, collectionColumns) },
    ...{ patient: firstValue(values, patientColumns), modality: firstValue(values, ['Modality']) },
    bodyPart: firstValue(values, bodyPartColumns),
  };
  return itemOfFacts(facts, Object.keys(values), options);
}

/**
 * @param columns for the message
 * @throws UsageError where no column names a series
 */
export function itemOfFacts(
  { name, uid, root, collection, patient, modality, bodyPart }: Facts,
  columns: readonly string[],
  { filters, includePatient }: SourceOptions,
): AtlasItem | undefined {
  if (name === undefined) {
    throw new UsageError(
      `Expected a column that names series (${nameColumns.slice(0, 5).join(', ')}, SeriesInstanceUID ...) but the list has ${columns.join(', ')}.`,
    );
  }
  if (!isWanted(filters, { modality, body_part: bodyPart, collection, patient })) return undefined;
  const cleanName = cleaned(name);
  return {
    ...{ id: uid ?? cleanName, name: cleanName },
    ...(root === undefined ? {} : { root }),
    ...(collection === undefined ? {} : { collection }),
    ...(patient === undefined || !includePatient ? {} : { patientId: patient }),
  };
}

function firstValue(values: Values, names: readonly string[]): string | undefined {
  for (const wanted of names) {
    for (const [name, value] of Object.entries(values)) {
      if (isSameName(name, wanted) && value !== null && value !== '') return value;
    }
  }
  return undefined;
}

export function isWanted(
  filters: SourceFilters,
  facts: {
    readonly modality?: string | null | undefined;
    readonly body_part?: string | null | undefined;
    readonly collection?: string | undefined;
    readonly patient?: string | undefined;
  },
): boolean {
  const agrees = (wanted: readonly string[] | undefined, value: string | null | undefined): boolean =>
    wanted === undefined || wanted.some((each) => isSameName(each, value ?? ''));
  return (
    agrees(filters.modality, facts.modality) &&
    agrees(filters.bodyPart, facts.body_part) &&
    agrees(filters.collection, facts.collection) &&
    agrees(filters.patient, facts.patient)
  );
}

/** The series of a line: of a command of an s5cmd manifest what is copied, without the star at its end. */
export function cleaned(line: string): string {
  const trimmed = line.trim();
  if (!/^cp\s|\/\*$/.test(trimmed)) return trimmed;
  const [, copied] = /^cp\s.*?['"]?([a-z][a-z0-9+.-]*:\/\/[^\s'"]+)['"]?\s+\S+$/i.exec(trimmed) ?? [];
  return (copied ?? trimmed).replace(/\/\*$/, '/');
}
