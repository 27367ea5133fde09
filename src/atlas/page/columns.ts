/** Columns of a million rows, held as numbers. Rows are filled in any order; a row that is not filled reads as ''. */

/** Texts of which there are far fewer than rows: a number a row, and each text once. '' is number 0. */
export class DictionaryColumn {
  readonly texts: string[] = [''];
  codes: Uint8Array | Uint16Array | Uint32Array;
  readonly #codeOf = new Map<string, number>([['', 0]]);

  constructor(rows: number) {
    this.codes = new Uint8Array(rows);
  }

  set(row: number, text: string): void {
    let code = this.#codeOf.get(text);
    if (code === undefined) {
      code = this.texts.push(text) - 1;
      this.#codeOf.set(text, code);
      if (code === 256) this.codes = Uint16Array.from(this.codes);
      if (code === 65_536) this.codes = Uint32Array.from(this.codes);
    }
    this.codes[row] = code;
  }

  get(row: number): string {
    return this.texts[this.codes[row] ?? 0] ?? '';
  }

  /** The numbers of texts in the texts' order. */
  ranks(): Uint32Array {
    const collator = new Intl.Collator('en', { numeric: true });
    const order = this.texts.map((_, code) => code);
    order.sort((a, b) => collator.compare(this.texts[a] ?? '', this.texts[b] ?? ''));
    const ranks = new Uint32Array(order.length);
    for (const [rank, code] of order.entries()) ranks[code] = rank;
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
      // Half as much again: doubling would waste more than all other columns take.
      const larger = new Uint8Array(Math.max(end, Math.ceil(this.#bytes.length * 1.5)));
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

  /** Marks the rows that hold a text (of one byte a character). */
  mark(part: string, marks: Uint8Array): void {
    const wanted = Uint8Array.from(part, (letter) => letter.charCodeAt(0));
    const [first] = wanted;
    if (first === undefined) return;
    const bytes = this.#bytes;
    const { length } = wanted;
    let start = 0;
    for (let row = 0; row < this.#rows; row++) {
      const end = this.#ends[row] ?? 0;
      for (let at = start; at <= end - length; at++) {
        if (bytes[at] !== first) continue;
        let same = 1;
        while (same < length && bytes[at + same] === wanted[same]) same++;
        if (same < length) continue;
        marks[row] = 1;
        break;
      }
      start = end;
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
