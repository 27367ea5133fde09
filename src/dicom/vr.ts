/** The code of "no VR": of elements in implicit VR data sets, of items and of delimitations. */
export const noVr = -1;

/** VRs (PS3.5 6.2) whose elements have a 16-bit length. */
const shortVrs = 'AE AS AT CS DA DS DT FD FL IS LO LT PN SH SL SS ST TM UI UL US';
/** VRs whose elements have two reserved bytes and a 32-bit length (PS3.5 7.1.2). */
const longVrs = 'OB OD OF OL OV OW SQ SV UC UN UR UT UV';

/** A VR's two letters, as bytes, as one number 0..675; -1 where they are not two capital letters. */
export function vrCode(first: number, second: number): number {
  if (first < 65 || first > 90 || second < 65 || second > 90) return noVr;
  return (first - 65) * 26 + (second - 65);
}

/** A VR's two letters; '' for none. */
export function vrName(code: number): string {
  return code < 0 ? '' : String.fromCharCode(65 + Math.trunc(code / 26), 65 + (code % 26));
}

/** The same for a VR's name, such as `OW`. */
export function vrCodeOf(name: string): number {
  return vrCode(name.charCodeAt(0), name.charCodeAt(1));
}

/** Codes of the VRs that code has to name. */
export const vrs: Readonly<
  Record<'DS' | 'FD' | 'FL' | 'IS' | 'LO' | 'OB' | 'SH' | 'SL' | 'SQ' | 'SS' | 'UL' | 'UN' | 'US', number>
> = {
  DS: vrCodeOf('DS'),
  FD: vrCodeOf('FD'),
  FL: vrCodeOf('FL'),
  IS: vrCodeOf('IS'),
  LO: vrCodeOf('LO'),
  OB: vrCodeOf('OB'),
  SH: vrCodeOf('SH'),
  SL: vrCodeOf('SL'),
  SQ: vrCodeOf('SQ'),
  SS: vrCodeOf('SS'),
  UL: vrCodeOf('UL'),
  UN: vrCodeOf('UN'),
  US: vrCodeOf('US'),
};

/** By code: 1 for the VRs that are listed. */
function flagsOf(names: string): Uint8Array {
  const flags = new Uint8Array(26 * 26);
  for (const name of names.split(' ')) flags[vrCodeOf(name)] = 1;
  return flags;
}

const known = flagsOf(`${shortVrs} ${longVrs}`);
const long = flagsOf(longVrs);

/** Whether two bytes are a VR of the standard. */
export function isKnownVr(first: number | undefined, second: number | undefined): boolean {
  return known[vrCode(first ?? 0, second ?? 0)] === 1;
}

const shortLength = flagsOf(shortVrs);

/** Whether elements of the VR with this code have a 16-bit length. */
export function hasShortLength(code: number): boolean {
  return shortLength[code] === 1;
}

/** Whether elements of the VR with this code have two reserved bytes and a 32-bit length (PS3.5 7.1.2). */
export function hasLongLength(code: number): boolean {
  return long[code] === 1;
}

const text = flagsOf('AE AS CS DA DS DT IS LO LT PN SH ST TM UC UI UR UT');
const binary = flagsOf('OB OD OF OL OV OW UN');

/** Whether values of the VR with this code are text (PS3.5 6.2). */
export function isTextVr(code: number): boolean {
  return text[code] === 1;
}

/** Whether values of the VR with this code are bytes or words whose meaning other attributes tell. */
export function isBinaryVr(code: number): boolean {
  return binary[code] === 1;
}
