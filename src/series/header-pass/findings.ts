import { counted } from '../../base/counted.ts';
import { NotDicomError } from '../../base/errors.ts';
import { printable } from '../../base/printable.ts';
import type { InstanceHeader } from '../../types/instance.ts';
import type { UnreadableReport } from '../../types/report.ts';
import type { DistinctInstances } from './distinct.ts';
import type { ScanFindings, UnreadableObject } from './scan.ts';

/** The error for a place without DICOM instances: why none could be read, or what is there instead. */
export function nothingFound(scan: ScanFindings, keys: readonly string[], location: string): Error {
  const [unreadable] = scan.unreadable;
  if (unreadable !== undefined) return unreadable.error;
  const [first] = scan.damaged;
  const damaged =
    first === undefined
      ? ''
      : ` ${counted(scan.damaged.length, 'of them is', 'of them are')} damaged DICOM, such as '${printable(first.key)}': ${first.message}`;
  const reason =
    first === undefined && scan.firstPassedOver !== undefined
      ? ` ${scan.firstPassedOver}${archiveHint(keys, location)}`
      : '';
  const [only] = keys;
  if (only !== undefined && keys.length === 1) {
    const why = first === undefined ? reason : ` ${first.message}`;
    return new NotDicomError(
      `Expected DICOM instances in ${location} but its only object, '${printable(only)}', is none.${why}`,
    );
  }
  return new NotDicomError(
    `Expected DICOM instances in ${location} but none of its ${keys.length} objects is one.${damaged}${reason}`,
  );
}

/** An archive in a folder is not looked into; one that is named alone is. An archive within an archive cannot be named. */
function archiveHint(keys: readonly string[], location: string): string {
  const archive = /\.zip$/i.test(location) ? undefined : keys.find((key) => /\.zip$/i.test(key));
  return archive === undefined ? '' : ` Or name '${printable(archive)}' alone as the series.`;
}

/** Objects that are not DICOM, one of them by name: the same one whatever the order of the listing. */
export function passedOverWarning(keys: readonly string[]): string {
  const first = keys.reduce((least, key) => (key < least ? key : least));
  return keys.length === 1
    ? `'${printable(first)}' is not DICOM and left out.`
    : `${keys.length} objects are not DICOM and left out, such as '${printable(first)}'.`;
}

/** What was left out of the series, in sentences. */
export function scanWarnings(
  scan: ScanFindings,
  { duplicates, namesakes }: Pick<DistinctInstances, 'duplicates' | 'namesakes'>,
): readonly string[] {
  const { passedOver, damaged, unreadable } = scan;
  const warnings: string[] = [];
  if (passedOver.length > 0) warnings.push(passedOverWarning(passedOver));
  for (const { key, message } of damaged.slice(0, 10))
    warnings.push(`'${printable(key)}' is damaged and left out: ${message}`);
  if (damaged.length > 10)
    warnings.push(`${counted(damaged.length - 10, 'more object is', 'more objects are')} damaged and left out.`);
  for (const { key, error } of unreadable.slice(0, 10))
    warnings.push(`'${printable(key)}' could not be read and is left out: ${error.message}`);
  if (unreadable.length > 10) warnings.push(`${counted(unreadable.length - 10, 'more object')} could not be read.`);
  if (duplicates.length > 0) {
    warnings.push(
      `${counted(duplicates.length, 'SOP Instance is', 'SOP Instances are')} stored twice and counted once (such as '${printable(duplicates[0] ?? '')}').`,
    );
  }
  if (namesakes.length > 0) {
    warnings.push(
      `${counted(namesakes.length, 'image has', 'images have')} the SOP Instance UID of another image (such as '${printable(namesakes[0] ?? '')}') but another number, place, size or time: all are counted.`,
    );
  }
  return warnings;
}

/** An object that could not be read, as callers are told of it. */
export function reportUnreadable({ key, error: { code, message } }: UnreadableObject): UnreadableReport {
  return { key: printable(key), error: { code, message } };
}

/** Different notes that are told. */
const maxNotes = 10;

/** What instances say of themselves, each thing once, with the name of the first that says it. */
export function notesOf(
  instances: readonly { readonly key: string; readonly header: Pick<InstanceHeader, 'notes'> }[],
): readonly string[] {
  const said = new Map<string, { readonly key: string; instances: number }>();
  for (const { key, header } of instances) {
    for (const note of header.notes) {
      const known = said.get(note);
      if (known === undefined) said.set(note, { key, instances: 1 });
      else known.instances++;
    }
  }
  const notes = [...said].slice(0, maxNotes).map(([note, { key, instances }]) => {
    return `'${printable(key)}'${instances === 1 ? '' : ` and ${instances - 1} more`}: ${note}`;
  });
  if (said.size > maxNotes) notes.push(`${said.size - maxNotes} more notes of this kind are left out.`);
  return notes;
}
