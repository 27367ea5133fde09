import { DictionaryColumn, TextColumn } from './columns.ts';
import type { Card } from './protocol.ts';

export type DictionaryName =
  | ('modality' | 'collection' | 'body_part' | 'orientation' | 'flags' | 'status' | 'description')
  | ('manufacturer' | 'model' | 'series_date' | 'shard' | 'format' | 'error_code');

const dictionaryNames: readonly DictionaryName[] = [
  ...(['modality', 'collection', 'body_part', 'orientation', 'flags', 'status', 'description'] as const),
  ...(['manufacturer', 'model', 'series_date', 'shard', 'format', 'error_code'] as const),
];

/** The columns of the manifest that stay in memory. All others are read when a series is enlarged. */
export const keptColumns: readonly string[] = [
  ...(['series_instance_uid', 'instances', 'byte_length', 'offset', 'length'] as const),
  ...dictionaryNames,
];

/** The rows of a manifest, as far as they are read. */
export class Table {
  readonly rows: number;
  /** Rows that are read: the first ones. */
  loaded = 0;
  readonly dictionaries: Readonly<Record<DictionaryName, DictionaryColumn>>;
  readonly uids: TextColumn;
  readonly instances: Int32Array;
  readonly byteLengths: Float64Array;
  readonly #offsets: Float64Array;
  readonly #lengths: Uint32Array;

  constructor(rows: number) {
    this.rows = rows;
    const column = (): DictionaryColumn => new DictionaryColumn(rows);
    this.dictionaries = {
      ...{ modality: column(), collection: column(), body_part: column(), orientation: column(), flags: column() },
      ...{ status: column(), description: column(), manufacturer: column(), model: column(), series_date: column() },
      ...{ shard: column(), format: column(), error_code: column() },
    };
    this.uids = new TextColumn(rows);
    this.instances = new Int32Array(rows);
    this.byteLengths = new Float64Array(rows);
    this.#offsets = new Float64Array(rows);
    this.#lengths = new Uint32Array(rows);
  }

  /** Takes values of one column, from a row on. Rows of a column come in their order. */
  fill(name: string, from: number, values: ArrayLike<unknown>): void {
    const numbers = this.#numbersOf(name);
    const dictionary = isDictionary(name) ? this.dictionaries[name] : undefined;
    for (let index = 0; index < values.length; index++) {
      const value = values[index];
      if (numbers !== undefined) numbers[from + index] = typeof value === 'number' ? value : 0;
      else if (dictionary !== undefined) dictionary.set(from + index, textOf(value));
      else if (name === 'series_instance_uid') this.uids.push(textOf(value));
    }
  }

  #numbersOf(name: string): Int32Array | Float64Array | Uint32Array | undefined {
    if (name === 'instances') return this.instances;
    if (name === 'byte_length') return this.byteLengths;
    if (name === 'offset') return this.#offsets;
    return name === 'length' ? this.#lengths : undefined;
  }

  card(row: number): Card {
    const { dictionaries } = this;
    const shard = dictionaries.shard.get(row);
    const place = { shard, offset: this.#offsets[row] ?? 0, length: this.#lengths[row] ?? 0 };
    return {
      ...{ row, uid: this.uids.get(row), instances: this.instances[row] ?? 0 },
      ...{ modality: dictionaries.modality.get(row), description: dictionaries.description.get(row) },
      ...{ bodyPart: dictionaries.body_part.get(row), collection: dictionaries.collection.get(row) },
      ...{ flags: dictionaries.flags.get(row), status: dictionaries.status.get(row) },
      errorCode: dictionaries.error_code.get(row),
      ...(shard === '' || place.length === 0 ? {} : { picture: { ...place, format: dictionaries.format.get(row) } }),
    };
  }
}

function isDictionary(name: string): name is DictionaryName {
  return dictionaryNames.some((each) => each === name);
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
