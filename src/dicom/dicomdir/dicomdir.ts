import { tags } from '../tags.ts';
import { DirectoryReader, type DirectoryRecord, directoryTags } from './dicomdir-records.ts';

/** A file that a DICOMDIR names. */
export interface DirectoryFile {
  /** Referenced File ID (0004,1500): the names of the folders, and last that of the file. */
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
 * Reads from a DICOMDIR (PS3.10 section 8.6, PS3.3 Annex F) which files belong to which series. The offsets that link
 * its records tell; where an offset leads nowhere, the order of the records in the file does. The caller must check the
 * names of files before it uses them: they are as written.
 *
 * @throws NotDicomError, InvalidDicomError where the bytes are not a DICOMDIR, or are cut off
 */
export function parseDicomdir(bytes: Uint8Array): readonly DirectorySeries[] {
  const reader = new DirectoryReader(bytes);
  const { first, records } = reader.readRecords();
  const linked = followLinks(first, records);
  return gatherSeries(linked ?? [...records.values()].filter(({ isInUse }) => isInUse));
}

/** The records in the order of the tree; undefined where an offset leads nowhere or back. */
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
  // Where there are records, an empty root leads nowhere too.
  return ordered.length === 0 && records.size > 0 ? undefined : ordered;
}

/** Gathers the series and their files from records in the order of the tree. Each series is there once. */
function gatherSeries(records: readonly DirectoryRecord[]): readonly DirectorySeries[] {
  const found = new Map<string, DirectorySeries & { readonly files: DirectoryFile[] }>();
  let studyInstanceUid = '';
  let current: (DirectorySeries & { readonly files: DirectoryFile[] }) | undefined;
  for (const { type, texts } of records) {
    const text = (tag: number): string => texts.get(tag) ?? '';
    if (type === 'PATIENT' || type === 'STUDY') current = undefined;
    if (type === 'STUDY') studyInstanceUid = text(tags.studyInstanceUid);
    if (type === 'SERIES') {
      const seriesInstanceUid = text(tags.seriesInstanceUid);
      current = found.get(seriesInstanceUid) ?? {
        studyInstanceUid,
        seriesInstanceUid,
        modality: text(tags.modality),
        seriesDescription: text(tags.seriesDescription),
        files: [],
      };
      found.set(seriesInstanceUid, current);
      continue;
    }
    const fileId = texts.get(directoryTags.referencedFileId);
    if (current === undefined || fileId === undefined || fileId === '') continue;
    current.files.push({
      fileId: fileId.split('\\').map((name) => name.trim()),
      sopInstanceUid: text(directoryTags.referencedSopInstanceUidInFile),
    });
  }
  return [...found.values()];
}
