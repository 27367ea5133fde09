import {
  DirectoryReader,
  type DirectoryRecord,
  FILE_ID,
  FILE_SOP_INSTANCE_UID,
  MODALITY,
  SERIES_DESCRIPTION,
  SERIES_INSTANCE_UID,
  STUDY_INSTANCE_UID,
} from './dicomdir-records.ts';

/** A file that a DICOMDIR names. */
export interface DirectoryFile {
  /** Referenced File ID (0004,1500): the names of folders and, last, of the file. */
  readonly fileId: readonly string[];
  readonly sopInstanceUid: string;
}

/** A series as a DICOMDIR lists it. */
export interface DirectorySeries {
  readonly studyInstanceUid: string;
  readonly seriesInstanceUid: string;
  readonly modality: string;
  readonly seriesDescription: string;
  readonly files: readonly DirectoryFile[];
}

/**
 * Reads a DICOMDIR (PS3.10 section 8.6, PS3.3 Annex F): which files belong to which series, by its directory records and
 * the offsets that link them; where these lead nowhere, by the order in which the records stand. Names are as written:
 * whether they may be used is for the caller to check.
 *
 * @throws NotDicomError, InvalidDicomError for what is no DICOMDIR or is cut off
 */
export function parseDicomdir(bytes: Uint8Array): readonly DirectorySeries[] {
  const reader = new DirectoryReader(bytes);
  const { first, records } = reader.readRecords();
  const linked = followLinks(first, records);
  return gatherSeries(linked ?? [...records.values()].filter(({ isInUse }) => isInUse));
}

/** The records in the order of the tree; undefined where a link leads nowhere or in a circle. */
function followLinks(
  first: number,
  records: ReadonlyMap<number, DirectoryRecord>,
): readonly DirectoryRecord[] | undefined {
  const ordered: DirectoryRecord[] = [];
  const seen = new Set<number>();
  const stack = [first];
  for (;;) {
    const offset = stack.pop();
    if (offset === undefined) break;
    if (offset === 0) continue;
    const record = records.get(offset);
    if (record === undefined || seen.has(offset)) return undefined;
    seen.add(offset);
    stack.push(record.next);
    if (!record.isInUse) continue;
    ordered.push(record);
    stack.push(record.lower);
  }
  // An empty root of a directory with records is a link that leads nowhere, too.
  return ordered.length === 0 && records.size > 0 ? undefined : ordered;
}

/** Series with their files, each series once, from records in the order of the tree. */
function gatherSeries(records: readonly DirectoryRecord[]): readonly DirectorySeries[] {
  const found = new Map<string, DirectorySeries & { readonly files: DirectoryFile[] }>();
  let studyInstanceUid = '';
  let current: (DirectorySeries & { readonly files: DirectoryFile[] }) | undefined;
  for (const { type, texts } of records) {
    const text = (tag: number): string => texts.get(tag) ?? '';
    if (type === 'PATIENT' || type === 'STUDY') current = undefined;
    if (type === 'STUDY') studyInstanceUid = text(STUDY_INSTANCE_UID);
    if (type === 'SERIES') {
      const seriesInstanceUid = text(SERIES_INSTANCE_UID);
      current = found.get(seriesInstanceUid) ?? {
        studyInstanceUid,
        seriesInstanceUid,
        modality: text(MODALITY),
        seriesDescription: text(SERIES_DESCRIPTION),
        files: [],
      };
      found.set(seriesInstanceUid, current);
      continue;
    }
    const fileId = texts.get(FILE_ID);
    if (current === undefined || fileId === undefined || fileId === '') continue;
    current.files.push({
      fileId: fileId.split('\\').map((name) => name.trim()),
      sopInstanceUid: text(FILE_SOP_INSTANCE_UID),
    });
  }
  return [...found.values()];
}
