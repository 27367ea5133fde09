/** Columns of a million rows, held as numbers. Rows are filled in any order; a row that is not filled reads as ''. */

/** Texts of which there are far fewer than rows: a number a row, and each text once. '' is number 0. */
export class DictionaryColumn {
  readonly texts: string[] = [''];
  /** The same in small letters. */
  readonly lowered: string[] = [''];
  codes: Uint8Array | Uint16Array | Uint32Array;
  readonly #codeOf = new Map<string, number>([['', 0]]);

  constructor(rows: number) {
    this.codes = new Uint8Array(rows);
  }

  set(row: number, text: string): void {
    let code = this.#codeOf.get(text);
    if (code === undefined) {
      code = this.texts.push(text) - 1;
      this.lowered.push(text.toLowerCase());
      this.#codeOf.set(text, code);
      if (code === 256) this.codes = Uint16Array.from(this.codes);
      if (code === 65_536) this.codes = Uint32Array.from(this.codes);
    }
    this.codes[row] = code;
  }

  get(row: number): string {
    return this.texts[this.codes[row] ?? 0] ?? '';
  }

  /** The numbers of texts in the texts' order: letters whatever their case, numbers by their value. */
  ranks(): Uint32Array {
    const keys = this.lowered.map((text) => text.replace(/\d{1,7}/g, (digits) => digits.padStart(8, '0')));
    const order = keys.map((_, code) => code);
    order.sort((a, b) => ((keys[a] as string) < (keys[b] as string) ? -1 : 1));
    const ranks = new Uint32Array(order.length);
    for (let rank = 0; rank < order.length; rank++) {
      const [code = 0, before = 0] = [order[rank], order[rank - 1]];
      ranks[code] = rank > 0 && keys[before] === keys[code] ? (ranks[before] as number) : rank;
    }
    return ranks;
  }
}

/** A text of its own for each row, of one byte a character: UIDs. Rows are added in their order. */
export class TextColumn {
  #bytes: Uint8Array<ArrayBuffer> = new Uint8Array(1 << 16);
  readonly #ends: Uint32Array;
  #rows = 0;

  constructor(rows: number) {
    this.#ends = new Uint32Array(rows);
  }

  push(text: string): void {
    const start = this.#end(this.#rows - 1);
    const end = start + text.length;
    if (end > this.#bytes.length) {
      // As much as all rows will need if they are like those so far. Too much would cost memory, too little another copy.
      const expected = this.#rows < 1000 ? end * 2 : (end / this.#rows) * this.#ends.length * 1.02;
      const larger = new Uint8Array(Math.ceil(Math.max(end * 1.1, expected)));
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    for (let index = 0; index < text.length; index++) this.#bytes[start + index] = text.charCodeAt(index);
    this.#ends[this.#rows++] = end;
  }

  get(row: number): string {
    let text = '';
    const end = this.#end(row);
    for (let index = this.#end(row - 1); index < end; index++) text += String.fromCharCode(this.#bytes[index] ?? 0);
    return text;
  }

  /** Marks the rows that hold a text (of one byte a character): Horspool's search over all rows at once. */
  mark(part: string, marks: Uint8Array): void {
    const { length } = part;
    if (length === 0) return;
    const wanted = Uint8Array.from(part, (letter) => letter.charCodeAt(0));
    const skips = new Uint8Array(256).fill(length);
    for (let index = 0; index < length - 1; index++) skips[wanted[index] as number] = length - 1 - index;
    const bytes = this.#bytes;
    const ends = this.#ends;
    const end = this.#end(this.#rows - 1);
    const last = wanted[length - 1];
    let row = 0;
    for (let at = length - 1; at < end; at += skips[bytes[at] as number] as number) {
      if (bytes[at] !== last) continue;
      let same = 1;
      while (same < length && bytes[at - same] === wanted[length - 1 - same]) same++;
      if (same < length) continue;
      while ((ends[row] as number) <= at) row++;
      // One that begins in a row and ends in the next is none.
      if (at - length + 1 >= this.#end(row - 1)) marks[row] = 1;
    }
  }

  /** The first row with this very text; -1 where there is none. */
  find(text: string): number {
    for (let row = 0; row < this.#rows; row++) {
      if (this.#end(row) - this.#end(row - 1) === text.length && this.get(row) === text) return row;
    }
    return -1;
  }

  #end(row: number): number {
    return row < 0 ? 0 : (this.#ends[row] ?? 0);
  }
}
