/** One run of a program. */
export interface Measurement {
  /** Of the whole process, start-up included. */
  readonly wallMs: number;
  readonly peakRssBytes: number | undefined;
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A program that takes part in a case. */
export interface Contestant {
  readonly name: string;
  readonly command: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Run before each run, outside the clock: to empty a cache, say. */
  readonly before?: () => void | Promise<void>;
  /** The picture it must leave behind, and its size: a run without it does not count. */
  readonly picture?: { readonly path: string; readonly width: number; readonly height: number };
  /** Milliseconds of a stage, out of what the program printed or wrote, in place of the wall time. */
  readonly stageMs?: (run: Measurement) => number;
  /** Why it cannot run here. It is then listed without figures. */
  readonly unavailable?: string;
}

/** What a contestant came to over all runs. */
export interface Result {
  readonly name: string;
  /** Of the wall, or of the stage where the contestant has one. */
  readonly medianMs: number;
  readonly lowestMs: number;
  readonly highestMs: number;
  readonly runsMs: readonly number[];
  readonly peakRssBytes: number | undefined;
  /** Against the far store, of the last run. */
  readonly requests?: number;
  readonly bodyBytes?: number;
}

/** One thing a case must reach: `value` at most `limit`. */
export interface Check {
  readonly label: string;
  readonly value: number;
  readonly limit: number;
}

export interface PreparedCase {
  readonly contestants: readonly Contestant[];
  /** What must hold; results by contestant's name. */
  readonly checks: (results: ReadonlyMap<string, Result>) => readonly Check[];
}

export interface Context {
  /** Folder for inputs; the far store serves it. */
  readonly inputs: string;
  /** Folder for what the programs write. */
  readonly outputs: string;
  /** The far store's address for a path below `inputs`. */
  readonly farUrl: (path: string) => string;
  readonly python: string | undefined;
  /** Our command with the arguments given. */
  readonly ours: (...parameters: readonly string[]) => readonly string[];
  /** Whether our command knows an option. */
  readonly knows: (option: string) => boolean;
  /** Arguments that keep our command from using what an earlier run left behind. */
  readonly cold: readonly string[];
  /** Makes an input once for all cases; returns its path. */
  readonly input: (name: string, make: (path: string) => void | Promise<void>) => Promise<string>;
}

export interface BenchCase {
  readonly id: string;
  readonly title: string;
  readonly prepare: (context: Context) => Promise<PreparedCase | { readonly unavailable: string }>;
}

export interface CaseResult {
  readonly id: string;
  readonly title: string;
  readonly unavailable?: string;
  readonly results: readonly Result[];
  readonly missing: readonly { readonly name: string; readonly reason: string }[];
  readonly checks: readonly Check[];
}
