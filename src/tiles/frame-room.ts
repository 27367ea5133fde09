import { type ByteTurns, createByteTurns } from '../base/byte-turns.ts';
import { UnsupportedError, UsageError } from '../base/errors.ts';
import { limitHint } from '../base/limit-hint.ts';
import { printable } from '../base/printable.ts';
import type { DecodeCost } from '../codecs/decode-cost.ts';
import type { AdmitFrame } from '../series/frames/encapsulated-frames.ts';
import type { Selection } from '../series/select.ts';
import { defaultLimits } from '../types/limits.ts';
import type { ScannedInstance } from '../types/members.ts';
import { type MemberCost, type MemberCostOptions, memberCost } from './member-cost.ts';

export interface FrameRoomOptions extends MemberCostOptions {
  /** Bytes of pixels that the picture holds besides. Default 0. */
  readonly reservedBytes?: number | undefined;
}

/** What the frames of a picture take. */
export interface PixelPlan {
  /** Of all that are kept. */
  readonly keptBytes: number;
  /** Of the largest: drawing one of them takes no more than once more that. */
  readonly largestKept: number;
  /** What is left for frames in work. */
  readonly workBytes: number;
  /** What may be kept of a frame beyond its plan. All of them together leave room for `mostWork`. */
  readonly slackBytes: number;
  /** What a frame in work may take beyond its plan. */
  readonly mostWork: number;
  /** By number; those that are too large even if nothing else were in memory. */
  readonly tooLarge: ReadonlySet<number>;
}

/**
 * Plans what is kept, and what is left for frames in work, before anything is read. A frame that does not fit alone is
 * left out.
 *
 * @param costs one a frame, with what tells frames that share something
 * @throws UsageError where all that fit alone do not fit together
 */
export function planPixels(
  costs: readonly (MemberCost & { readonly shares: object })[],
  { limit, reservedBytes }: { readonly limit: number; readonly reservedBytes: number },
): PixelPlan {
  const tooLarge = new Set<number>();
  const sharing = new Map<object, number>();
  let keptBytes = 0;
  let largest = 0;
  let largestKept = 0;
  for (const [index, { keptBytes: kept, sharedBytes, unitBytes, shares }] of costs.entries()) {
    if (reservedBytes + kept + sharedBytes + unitBytes > limit) {
      tooLarge.add(index);
      continue;
    }
    keptBytes += kept;
    largest = Math.max(largest, unitBytes);
    largestKept = Math.max(largestKept, kept);
    if (sharedBytes > 0) sharing.set(shares, Math.max(sharing.get(shares) ?? 0, sharedBytes));
  }
  for (const sharedBytes of sharing.values()) keptBytes += sharedBytes;
  const workBytes = limit - reservedBytes - keptBytes;
  if (workBytes < largest) throw tooMuch(limit, reservedBytes + keptBytes + largest, costs.length);
  const plan = { keptBytes, largestKept, workBytes, tooLarge };
  if (!Number.isFinite(limit)) return { ...plan, slackBytes: limit, mostWork: limit };
  const mostWork = largest + Math.ceil((workBytes - largest) / 2);
  return { ...plan, slackBytes: Math.floor((workBytes - mostWork) / Math.max(1, costs.length)), mostWork };
}

/** The whole picture holds too much: which bytes, and what to do. */
export function tooMuch(limit: number, byteLength: number, images: number): UsageError {
  const what = images === 1 ? 'this image' : `these ${images} images`;
  return new UsageError(
    `Expected a picture that holds at most ${limit} bytes of pixels at a time, but ${what} would take about ${byteLength}. Choose fewer images, or a smaller image width. ${limitHint('pictureBytes')}`,
  );
}

/** Lets only so many frames be in work at a time that all pixels of the picture stay below the limit. */
export class FrameRoom {
  readonly plan: PixelPlan;
  readonly #limit: number;
  readonly #costs: ReadonlyMap<Selection, { readonly cost: MemberCost; readonly isTooLarge: boolean }>;
  readonly #turns: ByteTurns;

  /** @throws UsageError where the frames do not fit together */
  constructor(selections: readonly Selection[], options: FrameRoomOptions) {
    this.#limit = (options.limits ?? defaultLimits).pictureBytes;
    const costs = selections.map(({ ordered: { member } }) => ({
      ...memberCost(member, options),
      shares: member.instance satisfies ScannedInstance,
    }));
    this.plan = planPixels(costs, { limit: this.#limit, reservedBytes: options.reservedBytes ?? 0 });
    this.#costs = new Map(
      costs.map((cost, index) => [selections[index] as Selection, { cost, isTooLarge: this.plan.tooLarge.has(index) }]),
    );
    this.#turns = createByteTurns(this.plan.workBytes);
  }

  /**
   * Takes memory for a member, as soon as there is so much.
   *
   * @throws UnsupportedError where it is too large whatever else there is; AbortedError
   */
  async enter(selection: Selection, signal: AbortSignal): Promise<FrameShare> {
    const known = this.#costs.get(selection);
    if (known === undefined) throw new RangeError('Expected a member that was planned.');
    const { cost, isTooLarge } = known;
    if (isTooLarge) throw this.#tooLarge(selection, cost.keptBytes + cost.sharedBytes + cost.unitBytes);
    const { workBytes, mostWork } = this.plan;
    const { keptBytes, unitBytes } = cost;
    const units = Math.max(1, Math.min(cost.units, Math.floor(workBytes / Math.max(1, unitBytes))));
    let held = unitBytes * units;
    let give = await this.#turns.take(held, signal);
    const need = async (needed: number, kept = 0): Promise<void> => {
      if (needed <= held / units && kept === 0) return;
      // Several frames of a member are in work: none of them can wait for the others.
      if (needed > mostWork || units > 1) throw this.#tooLarge(selection, needed + kept);
      // Whoever holds something must not wait for more: all is given back first.
      give();
      // What is kept is never given back. Beside all that may be kept so, there is room for any frame in work.
      if (kept > 0) await this.#turns.take(kept, signal);
      held = Math.max(needed, unitBytes);
      give = await this.#turns.take(held, signal);
    };
    return {
      units,
      give: () => give(),
      // Read, and perhaps joined of fragments.
      admit: (byteLength) => need(2 * byteLength),
      check: async ({ valueBytes, workBytes: work }, storedBytes) => {
        if (keptBytes === 0) return need(storedBytes + work + valueBytes);
        this.#checkKept(selection, cost, valueBytes);
        return need(storedBytes + work, Math.max(0, valueBytes - keptBytes));
      },
      checkKept: (byteLength) => this.#checkKept(selection, cost, byteLength),
    };
  }

  #checkKept(selection: Selection, { keptBytes }: MemberCost, byteLength: number): void {
    if (byteLength > keptBytes + this.plan.slackBytes) throw this.#tooLarge(selection, byteLength);
  }

  #tooLarge(selection: Selection, byteLength: number): UnsupportedError {
    const { key } = selection.ordered.member.instance;
    return new UnsupportedError(
      `The image '${printable(key)}' takes about ${byteLength} bytes of memory. A picture that holds at most ${this.#limit} bytes of pixels at a time has no room for it. ${limitHint('pictureBytes')}`,
    );
  }
}

/** The memory that a member may take. */
export interface FrameShare {
  /** Frames of it that may be in work at a time. */
  readonly units: number;
  /** As a frame reader asks: waits where a frame is longer than was planned. */
  readonly admit: AdmitFrame;
  /**
   * Called when the bytes of a frame are there and tell more than the header: waits where it needs more than was taken.
   *
   * @throws UnsupportedError where it does not fit
   */
  check(actual: DecodeCost, storedBytes: number): Promise<void>;
  /** @throws UnsupportedError where so many bytes are to be kept that the others would not fit */
  checkKept(byteLength: number): void;
  /** Gives the memory back. */
  give(): void;
}
