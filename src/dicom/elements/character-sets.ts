import { withoutControls } from './strings.ts';

/** The defined terms of Specific Character Set (PS3.3 C.12.1.1.2), and the encoding that reads each of them. */
const encodings: Readonly<Record<string, string>> = {
  'ISO_IR 100': 'latin1',
  'ISO 2022 IR 100': 'latin1',
  'ISO_IR 101': 'iso-8859-2',
  'ISO 2022 IR 101': 'iso-8859-2',
  'ISO_IR 109': 'iso-8859-3',
  'ISO 2022 IR 109': 'iso-8859-3',
  'ISO_IR 110': 'iso-8859-4',
  'ISO 2022 IR 110': 'iso-8859-4',
  'ISO_IR 144': 'iso-8859-5',
  'ISO 2022 IR 144': 'iso-8859-5',
  'ISO_IR 127': 'iso-8859-6',
  'ISO 2022 IR 127': 'iso-8859-6',
  'ISO_IR 126': 'iso-8859-7',
  'ISO 2022 IR 126': 'iso-8859-7',
  'ISO_IR 138': 'iso-8859-8',
  'ISO 2022 IR 138': 'iso-8859-8',
  'ISO_IR 148': 'windows-1254',
  'ISO 2022 IR 148': 'windows-1254',
  'ISO_IR 166': 'windows-874',
  'ISO 2022 IR 166': 'windows-874',
  'ISO_IR 203': 'iso-8859-15',
  'ISO_IR 13': 'shift_jis',
  'ISO 2022 IR 13': 'shift_jis',
  'ISO 2022 IR 87': 'iso-2022-jp',
  'ISO 2022 IR 149': 'euc-kr',
  'ISO 2022 IR 58': 'gb2312',
  'ISO_IR 192': 'utf-8',
  GB18030: 'gb18030',
  GBK: 'gbk',
};

/** Reads text in a Specific Character Set. Of several, the last one that is known is used: it extends the first. */
export function decodeText(bytes: Buffer, characterSet: string | undefined): string {
  // Printable ASCII is the same in all character sets; escape sequences begin with a control character.
  const plain = bytes.toString('latin1');
  if (/^[ -~]*$/.test(plain)) return plain.trim();
  const terms = (characterSet ?? '').split('\\').map((term) => term.trim());
  const encoding = terms.map((term) => encodings[term]).findLast((found) => found !== undefined) ?? 'latin1';
  // Not by TextDecoder, which in newer versions of Node takes ISO 8859-1 for windows-1252, as web pages do.
  let text = plain;
  try {
    if (encoding !== 'latin1') text = new TextDecoder(encoding).decode(bytes);
  } catch {
    // A Node without this encoding: the letters of ASCII are right.
  }
  return withoutControls(text.trim());
}
