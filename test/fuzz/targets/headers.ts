import { HeaderMemory } from '../../../src/dicom/header/header-memory.ts';
import { type ParsedHeader, parseHeader } from '../../../src/dicom/header/parse-header.ts';
import { rowsOfObject } from '../../../src/header-index/rows.ts';
import { membersOf } from '../../../src/series/members.ts';
import { orderMembers } from '../../../src/series/order.ts';
import type { ScannedInstance } from '../../../src/types/members.ts';
import { enhancedMultiFrame, segmentation, siemensMosaic, uihGrid } from '../../support/dicom/index.js';
import { generatedSeries } from '../../support/generated-series.ts';
import { type FuzzTarget, tokensOf } from '../target.ts';

const headerTokens = tokensOf(
  ...['\xfe\xff\x00\xe0\xff\xff\xff\xff', '\xfe\xff\x00\xe0\x00\x00\x00\x00', '\xfe\xff\x0d\xe0\x00\x00\x00\x00'],
  ...['\xfe\xff\xdd\xe0\x00\x00\x00\x00', 'SQ\x00\x00\xff\xff\xff\xff', 'UN\x00\x00\xff\xff\xff\xff', 'OW\x00\x00'],
  ...['DS\x10\x00', 'IS\x0c\x00', 'US\x02\x00', '??', '\x00\x00', '\xe0\x7f\x10\x00', '\x28\x00\x08\x00IS\x0c\x00'],
  ...['1e308\\', 'NaN', '-1', '99999999999', '1.2.840.10008.1.2.1.99', '1.2.840.10008.1.2.2', '\\', '\x1b'],
);

/** One instance of every series that the generator makes. */
export async function instanceSeeds(): Promise<readonly Uint8Array[]> {
  return [...generatedSeries.values()].flatMap((make) => [...make().values()].slice(0, 1));
}

function parse(bytes: Uint8Array): ParsedHeader {
  // A part first, as the header pass does; then all, with and without what the header before taught.
  const memory = new HeaderMemory();
  const cut = bytes.subarray(0, bytes.length >> 1);
  const part = parseHeader(cut, { complete: false, objectByteLength: bytes.length, orderSuffices: true, memory });
  if (part.extent === 'start' && !(part.neededLength > cut.length)) {
    throw new Error(`Expected to need more than ${cut.length} bytes but ${part.neededLength} are said to do.`);
  }
  parseHeader(bytes, { complete: true, objectByteLength: bytes.length, memory });
  return parseHeader(bytes, { complete: true, objectByteLength: bytes.length, memory });
}

export const headers: FuzzTarget = {
  name: 'headers',
  weight: 60,
  seeds: instanceSeeds,
  tokens: headerTokens,
  run: parse,
};

export const functionalGroups: FuzzTarget = {
  name: 'functional-groups',
  weight: 10,
  tokens: headerTokens,
  seeds: async () => [
    enhancedMultiFrame({ slices: 4, rows: 4, columns: 4, shuffleFrames: true, windowsPerFrame: true }),
    enhancedMultiFrame({ slices: 3, rows: 4, columns: 4, placedBy: 'stack' }),
    enhancedMultiFrame({ slices: 3, rows: 4, columns: 4, placedBy: 'dimensions', volumes: 2 }),
    segmentation({ rows: 4, columns: 4, slices: 3, segments: 2 }),
    siemensMosaic({ rows: 8, columns: 8, slices: 4 }).bytes,
    uihGrid({ rows: 8, columns: 8, slices: 4 }).bytes,
  ],
  run(bytes) {
    const { header } = parse(bytes);
    const found = { etag: undefined, objectByteLength: bytes.length, bytes: undefined };
    const instance: ScannedInstance = { key: 'a', header, complete: true, deflated: false, ...found };
    if (header.numberOfFrames > 20_000) return;
    orderMembers(membersOf([instance]));
    rowsOfObject({
      object: { key: 'a', byteLength: bytes.length, etag: undefined },
      found: { kind: 'instance', instance },
    });
  },
};
