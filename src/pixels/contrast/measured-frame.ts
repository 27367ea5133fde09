import type { ModalityTransform, PaddingRange, StoredValues } from '../../types/pixels.ts';

/** A frame's values and what is needed to read them as modality values. */
export interface MeasuredFrame {
  readonly values: StoredValues;
  readonly modality: ModalityTransform;
  readonly padding: PaddingRange | undefined;
}

/** Values found at given ranks, as if all frames' modality values without padding lay sorted in one row. */
export interface OrderedValues {
  /** How many values there are; padding and what is not a finite number does not count. */
  readonly count: number;
  /** The values at these ranks (0 .. count - 1), in the same order. */
  at(ranks: readonly number[]): readonly number[];
}
