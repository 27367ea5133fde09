import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { byteCells } from '../../src/codecs/native/native-cells.ts';
import { type Cells, storedValues } from '../../src/codecs/stored-values.ts';
import { repetitions } from '../support/repetitions.ts';

/** Cells of a width, from any offset of their memory that is aligned for them. */
function cellsOf(width: 8 | 16 | 32, offset: number, values: readonly number[]): Cells {
  const size = width / 8;
  const buffer = new ArrayBuffer((offset + values.length) * size);
  const Type = { 8: Uint8Array, 16: Uint16Array, 32: Uint32Array }[width];
  const cells = new Type(buffer, offset * size, values.length);
  cells.set(values);
  return cells;
}

/** One cell, by the standard's words (PS3.5 8.1.1). */
function reference(cell: number, shift: number, bitsStored: number, signed: boolean): number {
  const value = Math.floor(cell / 2 ** shift) % 2 ** bitsStored;
  return signed && value >= 2 ** (bitsStored - 1) ? value - 2 ** bitsStored : value;
}

const layouts = fc.constantFrom<8 | 16 | 32>(8, 16, 32).chain((width) =>
  fc.record({
    width: fc.constant(width),
    bitsStored: fc.integer({ min: 1, max: width }),
    signed: fc.boolean(),
    offset: fc.nat(5),
    random: fc.array(fc.integer({ min: 0, max: 2 ** width - 1 }), { maxLength: 40 }),
    shiftSeed: fc.nat(31),
  }),
);

describe('storedValues', () => {
  it('gives what the standard says, wherever the cells lie', () => {
    fc.assert(
      fc.property(layouts, ({ width, bitsStored, signed, offset, random, shiftSeed }) => {
        const shift = shiftSeed % (width - bitsStored + 1);
        const cells = cellsOf(width, offset, random);
        const values = storedValues(cells, { shift, bitsStored, signed });
        expect([...values]).toEqual(random.map((cell) => reference(cell, shift, bitsStored, signed)));
        expect([...cells]).toEqual(random);
      }),
      { seed: 3, numRuns: repetitions(100, 500) },
    );
  });

  it('shares memory where nothing has to change, and copies for a single cell that has', () => {
    fc.assert(
      fc.property(layouts, fc.nat(), ({ width, bitsStored, signed, offset, random }, which) => {
        fc.pre(bitsStored < width && random.length > 0);
        const clean = random.map((cell) => {
          const value = reference(cell, 0, bitsStored, signed);
          return value < 0 ? value + 2 ** width : value;
        });
        const layout = { shift: 0, bitsStored, signed };
        const cells = cellsOf(width, offset, clean);
        expect(storedValues(cells, layout).buffer).toBe(cells.buffer);
        // One bit above those stored, in one cell only.
        const broken = which % clean.length;
        const bit = bitsStored + (which % (width - bitsStored));
        const dirty = clean.map((cell, index) => (index === broken ? (cell ^ (2 ** bit)) >>> 0 : cell));
        const found = storedValues(cellsOf(width, offset, dirty), layout);
        expect([...found]).toEqual(clean.map((cell) => reference(cell, 0, bitsStored, signed)));
      }),
      { seed: 4, numRuns: repetitions(100, 500) },
    );
  });
});

it('leaves the bytes of a Buffer as they are, whose slice is no copy', () => {
  const bytes = Buffer.from([0x0f, 0xff, 0x81]);
  const cells = byteCells(bytes, 3, 8, false);
  expect([...storedValues(cells, { shift: 0, bitsStored: 7, signed: false })]).toEqual([0x0f, 0x7f, 0x01]);
  expect([...bytes]).toEqual([0x0f, 0xff, 0x81]);
});
