import { PreviewError } from './errors.ts';
import { printableLines } from './printable.ts';

/**
 * An error together with what there was to warn of before it: often the warnings say why. Each warning stands there once,
 * however many calls the error passes through.
 */
export function withWarnings(error: unknown, warnings: readonly string[]): unknown {
  if (!(error instanceof PreviewError) || warnings.length === 0) return error;
  return Object.assign(error, { warnings: [...new Set([...warnings.map(printableLines), ...error.warnings])] });
}
