/** What the runner asks of a child process. */
export type Order =
  | {
      readonly kind: 'range';
      readonly target: string;
      readonly seed: number;
      readonly from: number;
      readonly count: number;
    }
  | { readonly kind: 'input'; readonly target: string; readonly base64: string };

/** What a child process tells the runner. */
export type Told =
  | { readonly kind: 'ready' }
  /** The range is done. */
  | { readonly kind: 'done' }
  /** An input of the range is a find, or the single input is looked at (`why` undefined: it is none). */
  | { readonly kind: 'looked-at'; readonly index: number; readonly why: string | undefined };
