import { describe, expect, it } from 'vitest';
import { isKnownPattern, nameOfTag, tagMatcher } from '../../src/dicom/keywords.ts';
import { tags } from '../../src/dicom/tags.ts';

describe('keywords', () => {
  it.each([
    [tags.sopInstanceUid, 'SOPInstanceUID'],
    [tags.stackId, 'StackID'],
    [tags.voiLutFunction, 'VOILUTFunction'],
    [tags.mrEchoSequence, 'MREchoSequence'],
    [tags.redPaletteDescriptor, 'RedPaletteColorLookupTableDescriptor'],
    [tags.siemensBValue, '(0019,100C)'],
    [0x0018_1314, 'FlipAngle'],
  ])('are those of the standard: %s', (tag, name) => {
    expect(nameOfTag(tag)).toBe(name);
  });

  it.each(['EchoTime', 'echotime', 'Echo?ime', '*time', '(0018,0081)', '0018,0081', '00180081', '0018*', '*'])(
    '%s means Echo Time',
    (pattern) => {
      expect(isKnownPattern(pattern)).toBe(true);
      expect(tagMatcher(pattern)(tags.echoTime)).toBe(true);
      expect(tagMatcher(pattern)(tags.rows)).toBe(pattern === '*');
    },
  );

  it('does not take other characters for patterns', () => {
    expect(tagMatcher('Echo.ime')(tags.echoTime)).toBe(false);
    expect(isKnownPattern('Echo.ime')).toBe(false);
  });
});
