import type { BenchCase, CaseResult, Context } from './bench.d.ts';

/** What the runner needs of a far store: to forget, and to tell what was asked since. */
export interface CountingStore {
  reset(): Promise<void>;
  statistics(): Promise<{ readonly requests: number; readonly bodyBytes: number }>;
}

export declare function runCase(
  benchCase: BenchCase,
  context: Context,
  options: { readonly runs: number; readonly farStore: CountingStore; readonly onRound: (round: number) => void },
): Promise<CaseResult>;
