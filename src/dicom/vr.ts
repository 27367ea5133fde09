/** The code of no VR: implicit VR data sets, items and delimitations. */
export const noVr = -1;

/** Two letters -> a code 0..675; -1 where they are no two capital letters. */
export function vrCode(first: number, second: number): number {
  if (first < 65 || first > 90 || second < 65 || second > 90) return noVr;
  return (first - 65) * 26 + (second - 65);
}

function codeOf(name: string): number {
  return vrCode(name.charCodeAt(0), name.charCodeAt(1));
}

function table(names: string): Uint8Array {
  const codes = new Uint8Array(26 * 26);
  for (const name of names.split(' ')) codes[codeOf(name)] = 1;
  return codes;
}

/** Codes of the VRs that are told apart (PS3.5 6.2). */
export const vrs: Readonly<
  Record<'DS' | 'FD' | 'FL' | 'IS' | 'LO' | 'OB' | 'SH' | 'SL' | 'SQ' | 'SS' | 'UL' | 'UN' | 'US', number>
> = {
  DS: codeOf('DS'),
  FD: codeOf('FD'),
  FL: codeOf('FL'),
  IS: codeOf('IS'),
  LO: codeOf('LO'),
  OB: codeOf('OB'),
  SH: codeOf('SH'),
  SL: codeOf('SL'),
  SQ: codeOf('SQ'),
  SS: codeOf('SS'),
  UL: codeOf('UL'),
  UN: codeOf('UN'),
  US: codeOf('US'),
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
