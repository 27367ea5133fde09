import { describe, expect, it } from 'vitest';
import { parseHeader } from '../../../src/dicom/header/parse-header.ts';
import type { FrameAttributes, InstanceHeader } from '../../../src/types/instance.ts';
import { type Attributes, sopClass, transferSyntax, writeInstance } from '../../support/dicom/index.js';

const image: Attributes = { SOPClassUID: sopClass.mr, Modality: 'MR', Rows: 2, Columns: 2, BitsAllocated: 16 };

function headerOf(attributes: Attributes, implicit = false): InstanceHeader {
  const transferSyntaxUid = implicit ? transferSyntax.implicitLittleEndian : undefined;
  return parseHeader(writeInstance({ ...image, ...attributes }, { transferSyntaxUid }), { complete: true }).header;
}

function frameOf(attributes: Attributes, implicit = false): FrameAttributes | undefined {
  return headerOf(attributes, implicit).frames[0];
}

const string = (vr: string, value: string): { vr: string; value: string } => ({ vr, value });
const double = (value: number): { vr: string; value: number } => ({ vr: 'FD', value });

describe('the kind of an image', () => {
  it('has the echo time of the top level', () => {
    expect(frameOf({ EchoTime: '4.6' })?.echoTimeMs).toBe(4.6);
    expect(frameOf({})?.echoTimeMs).toBeUndefined();
  });

  it.each([false, true])('has the b-value of a standard element, implicit %s', (implicit) => {
    expect(frameOf({ '00189087': double(1000) }, implicit)?.diffusionBValue).toBe(1000);
  });

  const siemens = (creator: string): Attributes => ({
    '00190010': string('LO', creator),
    '0019100C': string('IS', '800'),
  });
  const ge = (value: string): Attributes => ({
    '00430010': string('LO', 'GEMS_PARM_01'),
    '00431039': string('IS', value),
  });
  const philips: Attributes = {
    '20010010': string('LO', 'Philips Imaging DD 001'),
    '20011003': { vr: 'FL', value: 600 },
  };
  it.each([
    ['Siemens', siemens('SIEMENS MR HEADER'), 800],
    ['the same number of another maker', siemens('GEMS_ACQU_01'), undefined],
    ['GE', ge('700\\8\\0\\0'), 700],
    ['GE with its offset', ge('1000001400\\8\\0\\0'), 1400],
    ['Philips', philips, 600],
    ['UIH', { '00650010': string('LO', 'Image Private Header'), '00651009': double(929.75) }, 929.75],
    ['Siemens, its creator element lost', { Manufacturer: 'SIEMENS', '0019100C': string('IS', '800') }, 800],
    ['nobody knows whom', { Manufacturer: 'ACME', '0019100C': string('IS', '800') }, undefined],
    ['an absurd value', { '00189087': double(1e9) }, undefined],
  ])('has the b-value of %s', (_, attributes, bValue) => {
    expect(frameOf(attributes)?.diffusionBValue).toBe(bValue);
    expect(frameOf(attributes, true)?.diffusionBValue).toBe(bValue);
  });

  it.each([
    ['ORIGINAL\\PRIMARY\\M\\ND', 'MAGNITUDE'],
    ['ORIGINAL\\PRIMARY\\P\\ND', 'PHASE'],
    ['ORIGINAL\\PRIMARY\\R_FFE\\R\\FFE', 'REAL'],
    ['DERIVED\\PRIMARY\\PHASE MAP\\P\\FFE', 'PHASE'],
    ['ORIGINAL\\PRIMARY\\OTHER', undefined],
  ])('has the component of Image Type %s', (imageType, component) => {
    expect(frameOf({ ImageType: imageType })?.imageComponent).toBe(component);
    expect(frameOf({ ImageType: imageType, Modality: 'CT' })?.imageComponent).toBeUndefined();
  });

  it('is read from functional groups, the own ones before the shared ones', () => {
    const { frames } = headerOf({
      SOPClassUID: sopClass.enhancedMr,
      NumberOfFrames: '2',
      SharedFunctionalGroupsSequence: [
        {
          '00189226': { vr: 'SQ', value: [{ '00089208': string('CS', 'MAGNITUDE') }] },
          '00189114': { vr: 'SQ', value: [{ '00189082': double(30) }] },
          '00209071': { vr: 'SQ', value: [{ '00209072': string('CS', 'L') }] },
        },
      ],
      PerFrameFunctionalGroupsSequence: [
        { '00189117': { vr: 'SQ', value: [{ '00189087': double(0) }] } },
        {
          '00189114': { vr: 'SQ', value: [{ '00189082': double(60) }] },
          '00189117': { vr: 'SQ', value: [{ '00189087': double(1000) }] },
          '00189226': { vr: 'SQ', value: [{ '00089208': string('CS', 'PHASE') }] },
        },
      ],
    });
    expect(frames.map((frame) => [frame.echoTimeMs, frame.diffusionBValue, frame.imageComponent])).toEqual([
      [30, 0, 'MAGNITUDE'],
      [60, 1000, 'PHASE'],
    ]);
    expect(frames.map(({ laterality }) => laterality)).toEqual(['L', 'L']);
  });

  it('has its side and the directions of its rows and columns', () => {
    expect(frameOf({ '00200060': string('CS', 'R') })?.laterality).toBe('R');
    expect(frameOf({ '00200060': string('CS', 'R'), '00200062': string('CS', 'L') })?.laterality).toBe('L');
    expect(frameOf({ '00200020': string('CS', 'A\\FR') })?.patientOrientation).toEqual(['A', 'FR']);
    expect(frameOf({ '00200020': string('CS', 'A') })?.patientOrientation).toBeUndefined();
  });
});

describe('what is said of a series', () => {
  it('is read', () => {
    const header = headerOf({
      Manufacturer: 'ACME',
      ManufacturerModelName: 'Ring 3',
      BodyPartExamined: 'KNEE',
      ProtocolName: 'knee fast',
      SeriesNumber: '7',
      SeriesDate: '20200131',
      FrameTime: '40',
      '00082144': string('IS', '25'),
      '00180040': string('IS', '12'),
      '00282110': string('CS', '01'),
    });
    expect(header).toMatchObject({
      manufacturer: 'ACME',
      manufacturerModelName: 'Ring 3',
      bodyPartExamined: 'KNEE',
      protocolName: 'knee fast',
      seriesNumber: 7,
      seriesDate: '20200131',
      frameTimeMs: 40,
      recommendedDisplayFrameRate: 25,
      cineRate: 12,
      lossyImageCompression: true,
    });
    expect(headerOf({ '00282110': string('CS', '00') }).lossyImageCompression).toBe(false);
    expect(headerOf({}).lossyImageCompression).toBeUndefined();
    const ratios = headerOf({ LossyImageCompressionRatio: ['8.5', '10'] });
    expect([ratios.lossyCompressions, headerOf({}).lossyCompressions]).toEqual([2, undefined]);
  });
});
