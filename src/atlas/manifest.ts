import type { BasicType } from 'hyparquet-writer';

/** One series of an atlas, whether its pictures could be made or not. A row of the manifest. */
export interface AtlasRow {
  /** Series Instance UID; '' where it is not known, because nothing could be read. */
  readonly series_instance_uid: string;
  readonly study_instance_uid: string;
  /** What names the series in the source: the key under which a rerun finds it again. */
  readonly id: string;
  /** What a call of the library takes to open the series, together with `root`. */
  readonly name: string;
  readonly root: string | null;
  readonly collection: string | null;
  readonly patient_id: string | null;
  readonly modality: string;
  readonly description: string;
  readonly body_part: string;
  readonly manufacturer: string;
  readonly model: string;
  readonly series_number: number | null;
  readonly series_date: string | null;
  readonly instances: number;
  readonly frames: number;
  readonly byte_length: number | null;
  readonly rows: number | null;
  readonly columns: number | null;
  readonly row_spacing_mm: number | null;
  readonly column_spacing_mm: number | null;
  readonly slice_spacing_mm: number | null;
  readonly extent_mm: number | null;
  readonly orientation: string;
  readonly stacks: number;
  readonly volumes: number;
  readonly transfer_syntax: string;
  readonly sop_class: string;
  readonly window_center: number | null;
  readonly window_width: number | null;
  readonly window_source: string | null;
  /** Of the first view: where its picture lies in a tar file. */
  readonly shard: string | null;
  readonly offset: number | null;
  readonly length: number | null;
  readonly format: string | null;
  readonly picture_width: number | null;
  readonly picture_height: number | null;
  readonly tiles: number | null;
  /** JSON: all views, each `{ view, offset, length, width, height }`. */
  readonly pictures: string;
  /** Joined by commas. */
  readonly flags: string;
  /** JSON: an array of sentences. */
  readonly warnings: string;
  /** `done`, `partial` (some tiles failed) or `failed`. */
  readonly status: AtlasStatus;
  readonly error_code: string | null;
  readonly error_message: string | null;
  readonly tool_version: string;
  readonly options_hash: string;
  /** Of the source's objects, as the source tells; a rerun with `refresh` compares it. */
  readonly source_version: string | null;
  readonly milliseconds: number;
}

export type AtlasStatus = 'done' | 'partial' | 'failed';

type Column = readonly [name: keyof AtlasRow, type: BasicType, nullable?: 'nullable'];

/** The columns of the manifest, in their order. */
export const atlasColumns: readonly Column[] = [
  ['series_instance_uid', 'STRING'],
  ['study_instance_uid', 'STRING'],
  ['id', 'STRING'],
  ['name', 'STRING'],
  ['root', 'STRING', 'nullable'],
  ['collection', 'STRING', 'nullable'],
  ['patient_id', 'STRING', 'nullable'],
  ['modality', 'STRING'],
  ['description', 'STRING'],
  ['body_part', 'STRING'],
  ['manufacturer', 'STRING'],
  ['model', 'STRING'],
  ['series_number', 'INT32', 'nullable'],
  ['series_date', 'STRING', 'nullable'],
  ['instances', 'INT32'],
  ['frames', 'INT32'],
  ['byte_length', 'DOUBLE', 'nullable'],
  ['rows', 'INT32', 'nullable'],
  ['columns', 'INT32', 'nullable'],
  ['row_spacing_mm', 'DOUBLE', 'nullable'],
  ['column_spacing_mm', 'DOUBLE', 'nullable'],
  ['slice_spacing_mm', 'DOUBLE', 'nullable'],
  ['extent_mm', 'DOUBLE', 'nullable'],
  ['orientation', 'STRING'],
  ['stacks', 'INT32'],
  ['volumes', 'INT32'],
  ['transfer_syntax', 'STRING'],
  ['sop_class', 'STRING'],
  ['window_center', 'DOUBLE', 'nullable'],
  ['window_width', 'DOUBLE', 'nullable'],
  ['window_source', 'STRING', 'nullable'],
  ['shard', 'STRING', 'nullable'],
  ['offset', 'DOUBLE', 'nullable'],
  ['length', 'INT32', 'nullable'],
  ['format', 'STRING', 'nullable'],
  ['picture_width', 'INT32', 'nullable'],
  ['picture_height', 'INT32', 'nullable'],
  ['tiles', 'INT32', 'nullable'],
  ['pictures', 'STRING'],
  ['flags', 'STRING'],
  ['warnings', 'STRING'],
  ['status', 'STRING'],
  ['error_code', 'STRING', 'nullable'],
  ['error_message', 'STRING', 'nullable'],
  ['tool_version', 'STRING'],
  ['options_hash', 'STRING'],
  ['source_version', 'STRING', 'nullable'],
  ['milliseconds', 'DOUBLE'],
];
