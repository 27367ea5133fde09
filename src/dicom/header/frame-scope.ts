import type { DataSet } from '../elements/data-set.ts';
import type { HeaderNotes } from './header-notes.ts';

/**
 * Where an attribute of a frame can be: in the frame's own functional groups, in the shared ones, or at the top level
 * (PS3.3 C.7.6.16). The first that has it counts.
 */
export interface FrameScope {
  readonly perFrame: DataSet | undefined;
  readonly shared: DataSet | undefined;
  readonly top: DataSet;
  /** Manufacturer: whose private elements these are, where the elements that name their creator are missing. */
  readonly manufacturer: string;
  /** Gets what a reader of the picture should know. */
  readonly notes: HeaderNotes;
}

/** The data set that holds `tag` for this frame: the macro's sequence in a functional group, else the top level. */
export function holder(scope: FrameScope, macro: number, tag: number): DataSet | undefined {
  const own = scope.perFrame?.item(macro);
  if (own?.has(tag) === true) return own;
  const shared = scope.shared?.item(macro);
  if (shared?.has(tag) === true) return shared;
  return scope.top.has(tag) ? scope.top : undefined;
}
