/** A parser or decoder that is given mutated input. */
export interface FuzzTarget {
  /** As `--target` takes it. */
  readonly name: string;
  /** Valid inputs to start from, all made by code. */
  readonly seeds: () => Promise<readonly Uint8Array[]>;
  /** Pieces that mean something to it, put anywhere. */
  readonly tokens?: readonly Uint8Array[];
  /** Errors that it may throw beside those of the library. */
  readonly allowed?: readonly (abstract new (
    ...given: never[]
  ) => Error)[];
  /** Its part of all inputs: those that take microseconds get more. Default 1. */
  readonly weight?: number;
  /** Parses the bytes; throws what the parser throws, and a plain Error where a result is wrong. */
  readonly run: (bytes: Uint8Array<ArrayBuffer>) => unknown;
}

/** Tokens from text; latin1 characters stand for bytes. */
export function tokensOf(...texts: readonly string[]): readonly Uint8Array[] {
  return texts.map((text) => Buffer.from(text, 'latin1'));
}
