import { concatenate } from '../base/bytes.ts';
import { mapConcurrently } from '../base/concurrently.ts';
import { counted } from '../base/counted.ts';
import { UsageError } from '../base/errors.ts';
import { nearestName } from '../base/nearest-name.ts';
import { printable } from '../base/printable.ts';
import { type AttributeContent, type ReadAttribute, readAttributes } from '../dicom/header/read-attributes.ts';
import { isKnownPattern, knownKeywords, nameOfTag, tagMatcher } from '../dicom/keywords.ts';
import { describesPatient } from '../dicom/patient-attributes.ts';
import { nextHeaderLength } from '../series/header-pass/header-growth.ts';
import { membersOf } from '../series/members.ts';
import type { OpenedSeries } from '../series/opened-series.ts';
import { orderMembers } from '../series/order.ts';
import { selectNearest } from '../series/select.ts';
import type { AttributeRows } from '../types/attributes.ts';
import type { ScannedInstance } from '../types/members.ts';
import type { RunOptions } from '../types/options.ts';
import type { AttributesSettings } from '../types/settings.ts';
import type { Store } from '../types/storage.ts';

/** Bytes that are read of an object at first. */
const firstLength = 64 * 1024;

/**
 * Attributes of the instances of a series, in the series' order: of all, or of the one at a position. Headers are read whole,
 * up to the pixel data.
 *
 * @throws UsageError for a name that nobody knows, and for a slice offset that is not there; the errors of reading
 */
export async function attributes(
  series: OpenedSeries,
  settings: AttributesSettings,
  { signal, onProgress }: RunOptions,
): Promise<AttributeRows> {
  const { tags: patterns, includePatient } = settings;
  for (const pattern of patterns) if (!isKnownPattern(pattern)) throw unknown(pattern);
  const matchers = patterns.map(tagMatcher);
  const { store } = series.located;
  const withheld = new Set<string>();
  const found = new Set<string>();
  const isWanted = ({ tag, vr }: ReadAttribute): boolean => {
    const matching = patterns.filter((_, index) => matchers[index]?.(tag));
    if (matching.length === 0) return false;
    for (const pattern of matching) found.add(pattern);
    if (includePatient || !describesPatient(tag, vr)) return true;
    withheld.add(nameOfTag(tag));
    return false;
  };
  const instances = chooseInstances(series, settings);
  let done = 0;
  const rows = await mapConcurrently(instances, store.concurrency, signal, async (instance, within) => {
    const wanted = (await readAll(store, instance, within)).filter(isWanted);
    onProgress?.({ stage: 'headers', done: ++done, total: instances.length });
    const values = wanted.map(({ tag, value }) => [nameOfTag(tag), shown(value)] as const);
    return { key: printable(instance.key), ...Object.fromEntries(values) };
  });
  const missing = patterns.filter((pattern) => !found.has(pattern)).map(printable);
  const warnings: string[] = [];
  if (withheld.size > 0) {
    warnings.push(
      `${counted(withheld.size, 'attribute may describe the patient and is', 'attributes may describe the patient and are')} left out, such as ${[...withheld].slice(0, 3).join(', ')}.`,
    );
  }
  if (missing.length > 0) {
    warnings.push(`There is nothing to show of ${missing.join(', ')}: no instance has it, or it is a sequence.`);
  }
  return { rows, warnings };
}

function unknown(pattern: string): UsageError {
  const nearest = nearestName(pattern, knownKeywords());
  const hint = nearest === undefined ? '' : ` Did you mean '${nearest}'?`;
  return new UsageError(
    `The attribute '${printable(pattern)}' is not known.${hint} Any attribute can be named by its number, such as (0018,0081).`,
    { optionNames: ['tags'] },
  );
}

function chooseInstances(series: OpenedSeries, settings: AttributesSettings): readonly ScannedInstance[] {
  const { members } = orderMembers(membersOf(series.instances));
  const { position, sliceOffset } = settings;
  if (position === undefined) return [...new Set(members.map(({ member }) => member.instance))];
  return [selectNearest(members, { position, offset: sliceOffset }).ordered.member.instance];
}

async function readAll(
  store: Store,
  { key, etag, objectByteLength: listed }: ScannedInstance,
  signal: AbortSignal | undefined,
): Promise<readonly ReadAttribute[]> {
  let bytes = new Uint8Array(0);
  let objectByteLength = listed;
  let length = firstLength;
  for (;;) {
    const asked = length - bytes.length;
    const result = await store.read(key, { offset: bytes.length, length: asked }, { signal, etag });
    bytes = bytes.length === 0 ? result.bytes : concatenate(bytes, result.bytes);
    objectByteLength = result.objectByteLength ?? (result.bytes.length < asked ? bytes.length : objectByteLength);
    const isComplete = objectByteLength !== undefined && bytes.length >= objectByteLength;
    const { attributes: found, neededLength } = readAttributes(bytes, isComplete);
    const next = neededLength === 0 ? undefined : nextHeaderLength(bytes.length, neededLength, objectByteLength);
    if (next === undefined) return found;
    length = next;
  }
}

function shown(value: AttributeContent): AttributeContent {
  if (typeof value === 'string') return printable(value);
  if (value === null || typeof value === 'number') return value;
  return value.map((each) => (typeof each === 'string' ? printable(each) : each));
}
