/** The code of no VR: implicit VR data sets, items and delimitations. */
export const noVr = -1;

/** Two letters -> a code 0..675; -1 where they are no two capital letters. */
export function vrCode(first: number, second: number): number {
  if (first < 65 || first > 90 || second < 65 || second > 90) return noVr;
  return (first - 65) * 26 + (second - 65);
}

/** The same for a VR's name, such as `OW`. */
export function vrCodeOf(name: string): number {
  return vrCode(name.charCodeAt(0), name.charCodeAt(1));
}

function table(names: string): Uint8Array {
  const codes = new Uint8Array(26 * 26);
  for (const name of names.split(' ')) codes[vrCodeOf(name)] = 1;
  return codes;
}

/** Codes of the VRs that are told apart (PS3.5 6.2). */
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

const known = table(
  'AE AS AT CS DA DS DT FD FL IS LO LT OB OD OF OL OV OW PN SH SL SQ SS ST SV TM UC UI UL UN UR US UT UV',
);
const long = table('OB OD OF OL OV OW SQ SV UC UN UR UT UV');

/** Whether two bytes are a VR that the standard knows. */
export function isKnownVr(first: number | undefined, second: number | undefined): boolean {
  return known[vrCode(first ?? 0, second ?? 0)] === 1;
}

/** Whether elements of this VR have two reserved bytes and a 32-bit length (PS3.5 7.1.2). */
export function hasLongLength(vr: number): boolean {
  return long[vr] === 1;
}

const text = table('AE AS CS DA DS DT IS LO LT PN SH ST TM UC UI UR UT');
const binary = table('OB OD OF OL OV OW UN');

/** Whether values of the VR with this code are text (PS3.5 6.2). */
export function isTextVr(code: number): boolean {
  return text[code] === 1;
}

/** Whether values of the VR with this code are bytes or words whose meaning other attributes tell. */
export function isBinaryVr(code: number): boolean {
  return binary[code] === 1;
}
