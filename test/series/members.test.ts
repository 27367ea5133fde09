import { describe, expect, it } from 'vitest';
import { parseHeader } from '../../src/dicom/header/parse-header.ts';
import { notesOf } from '../../src/series/header-pass/findings.ts';
import { membersOf } from '../../src/series/members.ts';
import type { InstanceHeader } from '../../src/types/instance.ts';
import { defaultLimits } from '../../src/types/limits.ts';
import type { ScannedInstance } from '../../src/types/members.ts';
import { writeInstance } from '../support/dicom/index.js';

const { header } = parseHeader(writeInstance({ Rows: 4, Columns: 4 }), { complete: true });

function instance(key: string, changed: Partial<InstanceHeader>): ScannedInstance {
  const unknown = { etag: undefined, objectByteLength: undefined, bytes: undefined };
  return { key, header: { ...header, ...changed }, complete: false, deflated: false, ...unknown };
}

describe('membersOf', () => {
  it('refuses more frames than can be put in order, before it makes any', () => {
    const claimed = instance('a.dcm', { numberOfFrames: 2 ** 31 - 1 });
    expect(() => membersOf([claimed])).toThrow(
      `at most ${defaultLimits.frames} frames but its header claims 2147483647`,
    );
    const half = instance('b.dcm', { numberOfFrames: defaultLimits.frames / 2 + 1 });
    expect(() => membersOf([half, half])).toThrow(/its 2 headers claim/);
    const few = instance('c.dcm', { numberOfFrames: 11 });
    expect(() => membersOf([few], { ...defaultLimits, frames: 10 })).toThrow(/at most 10 .*--safety-limit frames=/);
  });
});

describe('notesOf', () => {
  it('tells each note once, with the first instance that says it and how many more do', () => {
    const found = ['a', 'b', 'c'].map((key) => instance(key, { notes: key === 'b' ? ['one.'] : ['one.', 'two.'] }));
    expect(notesOf(found)).toEqual(["'a' and 2 more: one.", "'a' and 1 more: two."]);
  });

  it('tells no more notes than somebody reads', () => {
    const found = Array.from({ length: 30 }, (_, index) => instance(`${index}`, { notes: [`note ${index}`] }));
    expect(notesOf(found)).toHaveLength(11);
    expect(notesOf(found).at(-1)).toMatch(/^20 more/);
  });
});
