import type { PreviewErrorCode } from '../index.ts';

export const exitCodes = {
  done: 0,
  unexpected: 1,
  usage: 2,
  notReachable: 3,
  invalidDicom: 4,
  unsupported: 5,
  doneInPart: 6,
  refused: 7,
  interrupted: 130,
} as const;

/** The exit code for each of the library's errors. */
const exitCodeOfError: Readonly<Record<PreviewErrorCode, number>> = {
  usage: exitCodes.usage,
  ambiguous: exitCodes.usage,
  'not-found': exitCodes.notReachable,
  'access-denied': exitCodes.notReachable,
  storage: exitCodes.notReachable,
  timeout: exitCodes.notReachable,
  changed: exitCodes.notReachable,
  'not-dicom': exitCodes.invalidDicom,
  'invalid-dicom': exitCodes.invalidDicom,
  decode: exitCodes.invalidDicom,
  unsupported: exitCodes.unsupported,
  'missing-component': exitCodes.unsupported,
  privacy: exitCodes.refused,
  output: exitCodes.unexpected,
  aborted: exitCodes.interrupted,
};

const byCode: ReadonlyMap<string, number> = new Map(Object.entries(exitCodeOfError));

/** An error as the program reports it. */
export interface Failure {
  /** An error code of the library, or 'internal' for what nobody expected. */
  readonly code: string;
  readonly message: string;
  /** What there was to warn of before it. */
  readonly warnings: readonly string[];
  readonly exitCode: number;
}

/** What an error means to the user. Errors that are not the library's own are faults of this program. */
export function failureOf(error: unknown): Failure {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') {
    const exitCode = byCode.get(error.code);
    if (exitCode !== undefined)
      return { code: error.code, message: messageAsTyped(error), warnings: textsIn(error, 'warnings'), exitCode };
  }
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return {
    code: 'internal',
    message: `Something happened that should not have (${text}). Please report it, with what --verbose says.`,
    warnings: [],
    exitCode: exitCodes.unexpected,
  };
}

/** Whether an error says that an option is wrong. */
export function namesOptions(error: unknown): boolean {
  return error instanceof Error && optionNamesIn(error).length > 0;
}

/** The message with the names of options as users type them: `--tile-width` for the library's `tileWidth`. */
function messageAsTyped(error: Error): string {
  const names = optionNamesIn(error);
  // All in one pass: `--image-width` holds `width`, another name.
  return names.length === 0
    ? error.message
    : error.message.replace(new RegExp(`\\b(${names.join('|')})\\b`, 'g'), (name) => asTyped(name));
}

/** Options whose name on the command line says something else, or one thing where the library takes a list. */
const otherNames: ReadonlyMap<string, string> = new Map([
  ['limits', '--safety-limit'],
  ['contrasts', '--contrast'],
  ['positions', '--position'],
  ['tags', '--tag'],
]);

function asTyped(optionName: string): string {
  return otherNames.get(optionName) ?? `--${optionName.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** The `optionNames` of the library's UsageError. */
function optionNamesIn(error: Error): readonly string[] {
  return textsIn(error, 'optionNames');
}

/** What the library's errors hold under this name, where that is a list of texts. */
function textsIn(error: Error, name: string): readonly string[] {
  const value: unknown = Reflect.get(error, name);
  return Array.isArray(value) ? value.filter((text) => typeof text === 'string') : [];
}
