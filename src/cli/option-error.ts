/** Options that make no sense; found before the library is loaded, hence not its UsageError. */
export class OptionError extends Error {
  readonly code = 'usage';
  override readonly name = 'OptionError';
}
