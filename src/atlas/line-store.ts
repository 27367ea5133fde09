import { UsageError } from '../index.ts';

const blockLength = 4 * 1024 * 1024;
/** What is longer is no line of a plan. */
const maxLineLength = 1024 * 1024;

/** Many lines of text in large blocks outside of the heap, with UIDs and UUIDs packed: they are most of the text. */
export class LineStore {
  readonly #blocks: Buffer[] = [];
  /** Where each line begins: the block's number times its length, and the place in it. */
  #starts = new Float64Array(1024);
  #lengths = new Uint32Array(1024);
  #used = blockLength;
  /** Lines with names of files that are not UTF-8, by their indexes. */
  readonly #unusual = new Map<number, string>();
  size = 0;

  /** @returns its index */
  add(line: string): number {
    // A character takes three bytes at most.
    if (line.length > maxLineLength)
      throw new UsageError('Expected names of series but one has more than a million letters.');
    if (this.#used + 3 * line.length > blockLength) {
      this.#blocks.push(Buffer.allocUnsafeSlow(blockLength));
      this.#used = 0;
    }
    const block = this.#blocks.at(-1);
    if (loneSurrogate.test(line)) this.#unusual.set(this.size, line);
    const length = block === undefined ? 0 : pack(line, block, this.#used) - this.#used;
    if (this.size === this.#lengths.length) {
      this.#starts = grown(this.#starts);
      this.#lengths = grown(this.#lengths);
    }
    this.#starts[this.size] = (this.#blocks.length - 1) * blockLength + this.#used;
    this.#lengths[this.size] = length;
    this.#used += length;
    return this.size++;
  }

  at(index: number): string {
    const unusual = this.#unusual.get(index);
    if (unusual !== undefined) return unusual;
    const start = this.#starts[index] ?? 0;
    const from = start % blockLength;
    const block = this.#blocks[Math.floor(start / blockLength)];
    return block === undefined ? '' : unpack(block, from, from + (this.#lengths[index] ?? 0));
  }
}

const loneSurrogate = /[\ud800-\udfff]/u;

/** Bytes that UTF-8 never has: a UUID follows as 16 bytes, or a run of digits and dots as its length and half bytes. */
const uuidMark = 0xfe;
const digitsMark = 0xff;
const packable = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[0-9.]{8,250}/g;

/** Writes a line to a block. Returns where it ends. */
function pack(line: string, block: Buffer, start: number): number {
  let at = start;
  let done = 0;
  packable.lastIndex = 0;
  for (let match = packable.exec(line); match !== null; match = packable.exec(line)) {
    const [text] = match;
    if (match.index > done) at += block.write(line.slice(done, match.index), at);
    done = match.index + text.length;
    if (text.includes('-')) {
      block[at] = uuidMark;
      at += 1 + block.write(text.replaceAll('-', ''), at + 1, 'hex');
    } else {
      block[at] = digitsMark;
      block[at + 1] = text.length;
      // A dot as the hexadecimal digit a; the last half byte may stand for nothing.
      const digits = text.replaceAll('.', 'a');
      at += 2 + block.write(digits.length % 2 === 0 ? digits : `${digits}0`, at + 2, 'hex');
    }
  }
  if (done < line.length) at += block.write(line.slice(done), at);
  return at;
}

function unpack(block: Buffer, from: number, to: number): string {
  let text = '';
  let plain = from;
  for (let at = from; at < to; ) {
    const mark = block[at] ?? 0;
    if (mark < uuidMark) {
      at++;
      continue;
    }
    text += block.toString('utf8', plain, at);
    if (mark === uuidMark) {
      const hex = block.toString('hex', at + 1, at + 17);
      text += `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
      at += 17;
    } else {
      const length = block[at + 1] ?? 0;
      const end = at + 2 + Math.ceil(length / 2);
      text += block
        .toString('hex', at + 2, end)
        .slice(0, length)
        .replaceAll('a', '.');
      at = end;
    }
    plain = at;
  }
  return text + block.toString('utf8', plain, to);
}

/** A set of digests by their first 96 bits, of which no two of even 10^9 texts are the same by chance. */
export class DigestSet {
  #slots = new Uint32Array(3 * 2048);
  #size = 0;

  /** @returns whether it was not there */
  add(digest: Buffer): boolean {
    const key: Key = [digest.readUInt32LE(0), digest.readUInt32LE(4), digest.readUInt32LE(8) | 1];
    if (!this.#put(this.#slots, key)) return false;
    this.#size++;
    // At most half full, so that a place is found soon.
    if (this.#size * 6 > this.#slots.length) this.#grow();
    return true;
  }

  #put(slots: Uint32Array, [first, second, third]: Key): boolean {
    const count = slots.length / 3;
    const last = third >>> 0;
    for (let slot = (first ^ second) >>> 0; ; slot++) {
      const at = (slot % count) * 3;
      // The last word of a key is odd, so never 0.
      if (slots[at + 2] === 0) {
        slots.set([first, second, last], at);
        return true;
      }
      if (slots[at] === first && slots[at + 1] === second && slots[at + 2] === last) return false;
    }
  }

  #grow(): void {
    const larger = new Uint32Array(this.#slots.length * 2);
    for (let at = 0; at < this.#slots.length; at += 3) {
      const key: Key = [this.#slots[at] ?? 0, this.#slots[at + 1] ?? 0, this.#slots[at + 2] ?? 0];
      if (key[2] !== 0) this.#put(larger, key);
    }
    this.#slots = larger;
  }
}

type Key = readonly [number, number, number];

/** The same numbers, with room for as many more. */
export function grown<Numbers extends Uint32Array<ArrayBuffer> | Float64Array<ArrayBuffer>>(numbers: Numbers): Numbers {
  const larger =
    numbers instanceof Float64Array ? new Float64Array(numbers.length * 2) : new Uint32Array(numbers.length * 2);
  larger.set(numbers);
  return larger as Numbers;
}
