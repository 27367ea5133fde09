/** Image storage SOP classes (PS3.4 B.5) whose instances have one frame: their order is known without Number of Frames. */
const singleFrame: ReadonlySet<string> = new Set([
  '1.2.840.10008.5.1.4.1.1.1',
  '1.2.840.10008.5.1.4.1.1.1.1',
  '1.2.840.10008.5.1.4.1.1.1.1.1',
  '1.2.840.10008.5.1.4.1.1.1.2',
  '1.2.840.10008.5.1.4.1.1.1.2.1',
  '1.2.840.10008.5.1.4.1.1.1.3',
  '1.2.840.10008.5.1.4.1.1.1.3.1',
  '1.2.840.10008.5.1.4.1.1.2',
  '1.2.840.10008.5.1.4.1.1.4',
  '1.2.840.10008.5.1.4.1.1.6.1',
  '1.2.840.10008.5.1.4.1.1.7',
  '1.2.840.10008.5.1.4.1.1.128',
]);

/** Whether instances of this SOP class have a single frame by definition. */
export function isSingleFrameSopClass(sopClassUid: string): boolean {
  return singleFrame.has(sopClassUid);
}

/** Storage SOP classes (PS3.4 B.5) that code has to name. */
export const sopClassUids = {
  parametricMap: '1.2.840.10008.5.1.4.1.1.30',
} as const;
