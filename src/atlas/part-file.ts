import { type KeyValue, parquetMetadata, parquetReadObjects } from 'hyparquet';
import { ByteWriter, parquetWriteRows, type Writer } from 'hyparquet-writer';
import { InvalidDicomError, type Sink, type SinkFile } from '../index.ts';
import { type AtlasRow, atlasColumns } from './manifest.ts';

/** What a part says of itself, in its key-value metadata: enough to tell what is done without reading rows. */
export interface PartFacts {
  readonly series: number;
  readonly failed: number;
  /** Failed series by error code. */
  readonly failedByCode: Readonly<Record<string, number>>;
  /** Of the sorted ids: tells whether the source has the same series still. */
  readonly idsDigest: string;
  /** Of the ids with their versions. */
  readonly versionsDigest: string;
  readonly optionsHash: string;
  readonly pictureBytes: number;
  /** Bytes of the tar file: tells whether that is the one that this part speaks of. */
  readonly shardLength: number;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  readonly finishedAt: number;
}

const factsKey = 'dicom-series-preview.part';
const rowGroupSize = 20_000;
/** Of the manifest: a few rows come first, so that a page has something to show soon. */
const firstGroupSize = 1000;
const columns = atlasColumns.map(([name, type, nullable]) => ({ name, type, nullable: nullable !== undefined }));

/** Rows as a Parquet file. */
export function encodePart(rows: readonly AtlasRow[], facts: PartFacts): Uint8Array {
  const writer = new ByteWriter();
  writeRows(writer, rows, [{ key: factsKey, value: JSON.stringify(facts) }]);
  return new Uint8Array(writer.getBuffer());
}

/** Writes any number of rows, holding no more than a row group of them. */
export async function writeManifest(
  writer: Writer,
  rows: AsyncIterable<AtlasRow>,
  properties: Readonly<Record<string, string>>,
): Promise<void> {
  await writeRows(
    writer,
    rows,
    Object.entries(properties).map(([key, value]) => ({ key, value })),
    [firstGroupSize, rowGroupSize],
  );
}

function writeRows(
  writer: Writer,
  rows: Iterable<AtlasRow> | AsyncIterable<AtlasRow>,
  kvMetadata: KeyValue[],
  groupSizes: number[] = [rowGroupSize],
): void | Promise<void> {
  const records = rows as Iterable<Record<string, unknown>> | AsyncIterable<Record<string, unknown>>;
  return parquetWriteRows({
    ...{ writer, rows: records, columns, kvMetadata, rowGroupSize: groupSizes },
    createdBy: 'dicom-series-preview',
  });
}

/** @throws InvalidDicomError for a file that is no part of an atlas */
export function factsOfPart(bytes: Uint8Array): PartFacts {
  try {
    const { key_value_metadata: said = [] } = parquetMetadata(bufferOf(bytes));
    const text = said.find(({ key }) => key === factsKey)?.value;
    if (text === undefined) throw new TypeError('no facts');
    return JSON.parse(text);
  } catch (error) {
    throw new InvalidDicomError('Expected a part of an atlas (Parquet) but received another file.', { cause: error });
  }
}

/** As long as the end of a part that holds its facts. Longer ones are read whole. */
const maxFooterLength = 64 * 1024;

/**
 * The same with no more than the end of a file read.
 *
 * @throws InvalidDicomError for a file that is no part of an atlas, and the sink's errors
 */
export async function factsOfFile(sink: Sink, { name, byteLength }: SinkFile): Promise<PartFacts> {
  const length = Math.min(byteLength, maxFooterLength);
  const end = await sink.read(name, { offset: byteLength - length, length });
  const footerLength = new DataView(bufferOf(end)).getUint32(Math.max(0, end.length - 8), true);
  return factsOfPart(footerLength + 8 <= end.length ? end : await sink.read(name));
}

/** @throws what hyparquet throws for damaged files */
export async function rowsOfPart(bytes: Uint8Array): Promise<AtlasRow[]> {
  const rows: unknown[] = await parquetReadObjects({ file: bufferOf(bytes) });
  return rows as AtlasRow[];
}

function bufferOf(bytes: Uint8Array): ArrayBuffer {
  const { buffer, byteOffset, byteLength } = bytes;
  if (buffer instanceof ArrayBuffer && byteOffset === 0 && byteLength === buffer.byteLength) return buffer;
  // Not `slice`: that of a Buffer is a view of the same memory.
  return new Uint8Array(bytes).buffer;
}
