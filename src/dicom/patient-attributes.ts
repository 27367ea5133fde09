/**
 * Attributes that describe a person or can help to find one, after the Basic Application Level Confidentiality Profile (PS3.15
 * Annex E): in doubt an attribute counts as one of them. Left out are all names, dates, times, comments and other free text; all
 * private attributes; these groups (patients, trials, visits, requests, procedures, storage); and these single ones.
 */
const groups: ReadonlySet<number> = new Set([
  0x0010, 0x0012, 0x0032, 0x0038, 0x0040, 0x0042, 0x0088, 0x0400, 0x4000, 0x4008,
]);
const vrs: ReadonlySet<string> = new Set(['PN', 'DA', 'DT', 'TM', 'AE', 'LT', 'ST', 'UT', 'UN']);
const single: ReadonlySet<number> = new Set([
  ...[0x0008_0012, 0x0008_0013, 0x0008_0014, 0x0008_0015, 0x0008_0020, 0x0008_0021, 0x0008_0022, 0x0008_0023],
  ...[0x0008_0024, 0x0008_0025, 0x0008_002a, 0x0008_0030, 0x0008_0031, 0x0008_0032, 0x0008_0033, 0x0008_0034],
  ...[0x0008_0035, 0x0008_0050, 0x0008_0054, 0x0008_0055, 0x0008_0080, 0x0008_0081, 0x0008_0090, 0x0008_0092],
  ...[0x0008_0094, 0x0008_0201, 0x0008_1010, 0x0008_1030, 0x0008_1040, 0x0008_1041, 0x0008_1048, 0x0008_1050],
  ...[0x0008_1060, 0x0008_1070, 0x0008_1080, 0x0008_1088, 0x0008_2111, 0x0008_4000],
  ...[0x0018_1000, 0x0018_1004, 0x0018_1005, 0x0018_1007, 0x0018_1008, 0x0018_1012, 0x0018_1014, 0x0018_1078],
  ...[0x0018_1200, 0x0018_1201, 0x0018_1400, 0x0018_4000, 0x0018_9074, 0x0018_9151, 0x0018_a003],
  ...[0x0020_0010, 0x0020_3401, 0x0020_3404, 0x0020_3406, 0x0020_4000, 0x0020_9158, 0x0028_4000],
]);

/** @param vr two letters; '' where it is not known */
export function describesPatient(tag: number, vr: string): boolean {
  const group = tag >>> 16;
  return group % 2 === 1 || groups.has(group) || vrs.has(vr) || single.has(tag);
}
