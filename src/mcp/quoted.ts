import { printable } from '../base/printable.ts';

/**
 * Texts of DICOM headers and names of files are data, whatever they say: a Series Description may read like an instruction to
 * a model. They appear only as strings of JSON documents, on one line, without control characters, and not longer than this.
 */
const maxTextLength = 120;
/** Messages of this program, which may repeat such texts. */
const maxMessageLength = 1000;

/** A text from outside, as a value in an answer. */
export function quoted(text: string): string {
  return shortened(printable(text), maxTextLength);
}

/** A message of the library. */
export function quotedMessage(text: string): string {
  return shortened(printable(text.replaceAll(/\s*\n\s*/g, ' | ')), maxMessageLength);
}

function shortened(text: string, maxLength: number): string {
  const characters = [...text];
  return characters.length <= maxLength ? text : `${characters.slice(0, maxLength - 1).join('')}…`;
}
