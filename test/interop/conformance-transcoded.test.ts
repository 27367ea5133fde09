// Every transfer syntax that an independent encoder writes, all the way from the object to the picture: instances of the
// generator, transcoded by DCMTK and GDCM, or with frames encoded by OpenJPEG, OpenJPH, libjxl and ffmpeg.
import { readFileSync, writeFileSync } from 'node:fs';
import { deflateRawSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { parseHeader } from '../../src/dicom/header/parse-header.ts';
import { createImage, createMosaic, PreviewError } from '../../src/index.ts';
import { decodePicture, greatestDifference, type Picture, readPnm } from '../support/conformance-picture.ts';
import {
  encapsulatedPixelData,
  enhancedMultiFrame,
  rgbPicture,
  type StoredArray,
  secondaryCapture,
  transferSyntax,
} from '../support/dicom/index.js';
import { ExternalEncoders, isInstalled, run } from '../support/external-encoders.ts';

const encoders = new ExternalEncoders();
afterAll(() => encoders.close());

const JPEG = '1.2.840.10008.1.2.4.';
const [rows, columns, frames] = [48, 40, 6];
const grey = { slices: frames, rows, columns, seed: 9 };

/** All frames in one picture, with a contrast that shows every one of the 12 bits. */
async function mosaicOf(path: string): Promise<Picture> {
  const { bytes, report } = await createMosaic(path, {
    tileWidth: 3,
    tileHeight: 2,
    imageWidth: 'native',
    contrast: '1500,100',
    format: 'png',
  });
  expect(report.tiles.filter(({ error }) => error !== undefined)).toEqual([]);
  expect(report.tiles).toHaveLength(frames);
  return decodePicture(bytes, 1);
}

async function colourOf(path: string): Promise<Picture> {
  const { bytes } = await createImage(path, { position: 0, imageWidth: 'native', format: 'png' });
  return decodePicture(bytes, 3);
}

function written(name: string, bytes: Uint8Array): string {
  writeFileSync(encoders.file(name), bytes);
  return encoders.file(name);
}

const syntaxOf = (path: string): string => parseHeader(readFileSync(path), { complete: true }).header.transferSyntaxUid;

const nativeGrey = written('grey.dcm', enhancedMultiFrame(grey));
const nativeColour = written('colour.dcm', secondaryCapture({ rows, columns }));
const rgb = rgbPicture({ rows, columns });

describe.skipIf(!isInstalled('dcmcjpeg'))('transcoded by DCMTK', () => {
  it.each([
    ['dcmconv', ['+ti'], transferSyntax.implicitLittleEndian],
    ['dcmconv', ['+tb'], transferSyntax.explicitBigEndian],
    ['dcmconv', ['+td'], transferSyntax.deflatedExplicitLittleEndian],
    ['dcmcrle', [], transferSyntax.rleLossless],
    ['dcmcrle', ['+fs', '1', '-ot'], transferSyntax.rleLossless],
    ['dcmcjpeg', ['+e1'], `${JPEG}70`],
    ['dcmcjpeg', ['+e1', '+fs', '1', '-ot'], `${JPEG}70`],
    ...[1, 2, 3, 4, 5, 6, 7].map((value) => ['dcmcjpeg', ['+el', '+sv', `${value}`], `${JPEG}57`] as const),
    ['dcmcjpls', [], `${JPEG}80`],
    ['dcmcjpls', ['+fs', '1', '-ot'], `${JPEG}80`],
  ] as const)('without loss: %s %j', async (program, parameters, uid) => {
    const coded = encoders.file('coded.dcm');
    run(program, ...parameters, nativeGrey, coded);
    expect(syntaxOf(coded)).toBe(uid);
    expect((await mosaicOf(coded)).data).toEqual((await mosaicOf(nativeGrey)).data);
    run(program, ...parameters, nativeColour, coded);
    expect((await colourOf(coded)).data).toEqual((await colourOf(nativeColour)).data);
  });

  it.each([
    ['+eb', '50', '8'],
    ['+ee', '51', '8'],
    ['+ee', '51', '12'],
    ['+es', '53', '12'],
    ['+ep', '55', '12'],
    ['+es', '53', '8'],
    ['+ep', '55', '8'],
  ])('lossy JPEG %s (.%s) of %s bits, grey: as DCMTK decodes it', async (process, uid, bits) => {
    const [coded, back] = [encoders.file('coded.dcm'), encoders.file('back.dcm')];
    run('dcmcjpeg', process, bits === '12' ? '+bt' : '+be', '+q', '95', nativeGrey, coded);
    expect(syntaxOf(coded)).toBe(JPEG + uid);
    run('dcmdjpeg', coded, back);
    expect(greatestDifference((await mosaicOf(coded)).data, (await mosaicOf(back)).data)).toBeLessThanOrEqual(3);
  });

  it.each([
    ['+eb', '+s4'],
    ['+eb', '+s2'],
    ['+eb', '+np'],
    ['+eb', '+cr'],
    ['+ee', '+s4'],
    ['+es', '+s4'],
    ['+ep', '+s2'],
  ])('lossy JPEG %s %s, colour: as DCMTK decodes it', async (process, sampling) => {
    const [coded, back] = [encoders.file('coded.dcm'), encoders.file('back.dcm')];
    run('dcmcjpeg', process, sampling, '+q', '95', nativeColour, coded);
    run('dcmdjpeg', coded, back);
    expect(greatestDifference((await colourOf(coded)).data, (await colourOf(back)).data)).toBeLessThanOrEqual(3);
  });

  it('near-lossless JPEG-LS stays within the bound it was made with', async () => {
    const coded = encoders.file('coded.dcm');
    run('dcmcjpls', '+en', '+md', '2', nativeGrey, coded);
    expect(syntaxOf(coded)).toBe(`${JPEG}81`);
    expect(greatestDifference((await mosaicOf(coded)).data, (await mosaicOf(nativeGrey)).data)).toBeLessThanOrEqual(1);
  });
});

describe.skipIf(!isInstalled('gdcmconv'))('transcoded by GDCM', () => {
  it.each([
    [['--j2k'], `${JPEG}90`],
    [['--j2k', '-t', '16,16'], `${JPEG}90`],
    [['--jpegls'], `${JPEG}80`],
    [['--rle'], transferSyntax.rleLossless],
    [['--jpeg'], `${JPEG}70`],
  ] as const)('without loss: %j', async (parameters, uid) => {
    const coded = encoders.file('coded.dcm');
    run('gdcmconv', ...parameters, nativeGrey, coded);
    expect(syntaxOf(coded)).toBe(uid);
    expect((await mosaicOf(coded)).data).toEqual((await mosaicOf(nativeGrey)).data);
    run('gdcmconv', ...parameters, nativeColour, coded);
    expect((await colourOf(coded)).data).toEqual((await colourOf(nativeColour)).data);
  });
});

/** The grey instance with frames of one encoder, in every way that frames lie in items; and the colour one. */
async function expectWrapped(
  transferSyntaxUid: string,
  encode: (frame: Parameters<ExternalEncoders['jpeg2000']>[0]) => Uint8Array,
  most: number,
  photometricInterpretation = 'RGB',
): Promise<void> {
  const encodeFrame = (values: StoredArray): Uint8Array =>
    encode({ values, rows, columns, samplesPerPixel: 1, bits: 12 });
  const expected = await mosaicOf(nativeGrey);
  for (const encapsulation of [
    { offsetTable: 'basic' },
    { offsetTable: 'extended' },
    { offsetTable: 'empty' },
    { offsetTable: 'basic', fragmentsPerFrame: 3 },
    { offsetTable: 'empty', fragmentsPerFrame: 3 },
  ] as const) {
    const coded = written('coded.dcm', enhancedMultiFrame({ ...grey, transferSyntaxUid, encodeFrame, encapsulation }));
    expect(greatestDifference((await mosaicOf(coded)).data, expected.data)).toBeLessThanOrEqual(most);
  }
  const colour = encode({ values: rgb, rows, columns, samplesPerPixel: 3, bits: 8 });
  const attributes = { PhotometricInterpretation: photometricInterpretation, ...encapsulatedPixelData([colour]) };
  const coded = written('coded.dcm', secondaryCapture({ rows, columns, attributes, write: { transferSyntaxUid } }));
  const actual = (await colourOf(coded)).data;
  expect(greatestDifference(actual, (await colourOf(nativeColour)).data)).toBeLessThanOrEqual(most);
}

describe.skipIf(!isInstalled('cjpeg') || !isInstalled('djpeg'))('frames of libjpeg-turbo', () => {
  it.each([
    ['50', []],
    ['52', ['-arithmetic']],
    ['55', ['-progressive']],
    ['56', ['-arithmetic', '-progressive']],
    ['50', ['-restart', '1']],
    ['50', ['-sample', '2x2']],
  ] as const)('JPEG .%s %j, as its own decoder gives them', async (uid, options) => {
    const quality = ['-quality', '92', ...options];
    const colour = encoders.jpeg({ values: rgb, rows, columns, samplesPerPixel: 3, bits: 8 }, ...quality);
    const back = encoders.file('back.ppm');
    run('djpeg', '-outfile', back, encoders.file('frame.jpg'));
    const attributes = { PhotometricInterpretation: 'YBR_FULL_422', ...encapsulatedPixelData([colour]) };
    const write = { transferSyntaxUid: JPEG + uid };
    const path = written('coded.dcm', secondaryCapture({ rows, columns, attributes, write }));
    expect(greatestDifference((await colourOf(path)).data, readPnm(back).data)).toBeLessThanOrEqual(3);
  });
});

describe.skipIf(!isInstalled('opj_compress'))('frames of OpenJPEG', () => {
  it('without loss .90, with and without colour transform', async () => {
    await expectWrapped(`${JPEG}90`, (frame) => encoders.jpeg2000(frame), 0, 'YBR_RCT');
    await expectWrapped(`${JPEG}90`, (frame) => encoders.jpeg2000(frame, '-mct', '0'), 0, 'RGB');
  });
  it('lossy .91', async () => {
    await expectWrapped(`${JPEG}91`, (frame) => encoders.jpeg2000(frame, '-I', '-q', '60'), 3, 'YBR_ICT');
  });
});

describe.skipIf(!isInstalled('ojph_compress'))('frames of OpenJPH', () => {
  const reversible = ['-reversible', 'true', '-num_decomps', '3'];
  it('without loss .201 and .202', async () => {
    await expectWrapped(`${JPEG}201`, (frame) => encoders.highThroughputJpeg2000(frame, ...reversible), 0, 'YBR_RCT');
    const rpcl = [...reversible, '-prog_order', 'RPCL'];
    await expectWrapped(`${JPEG}202`, (frame) => encoders.highThroughputJpeg2000(frame, ...rpcl), 0, 'YBR_RCT');
    const plain = [...reversible, '-colour_trans', 'false'];
    await expectWrapped(`${JPEG}201`, (frame) => encoders.highThroughputJpeg2000(frame, ...plain), 0, 'RGB');
  });
  it('lossy .203', async () => {
    const lossy = ['-qstep', '0.0005', '-num_decomps', '3'];
    await expectWrapped(`${JPEG}203`, (frame) => encoders.highThroughputJpeg2000(frame, ...lossy), 3, 'YBR_ICT');
  });
});

describe.skipIf(!isInstalled('cjxl'))('frames of libjxl', () => {
  it('without loss .110', async () => {
    await expectWrapped(`${JPEG}110`, (frame) => encoders.jpegXl(frame, '-d', '0', '-m', '1'), 0);
  });
  it('lossy .112', async () => {
    await expectWrapped(`${JPEG}112`, (frame) => encoders.jpegXl(frame, '-d', '0.05'), 6);
  });
});

describe('frames of zlib, and of nothing', () => {
  const bytesOf = (frame: StoredArray): Uint8Array =>
    new Uint8Array(frame.buffer.slice(frame.byteOffset, frame.byteOffset + frame.byteLength));
  it.each([
    ['deflated', transferSyntax.deflatedImageFrame, (frame: StoredArray) => deflateRawSync(bytesOf(frame))],
    ['uncompressed in items', transferSyntax.encapsulatedUncompressed, bytesOf],
  ] as const)('%s', async (_name, transferSyntaxUid, encodeFrame) => {
    for (const offsetTable of ['basic', 'extended', 'empty'] as const) {
      const bytes = enhancedMultiFrame({ ...grey, transferSyntaxUid, encodeFrame, encapsulation: { offsetTable } });
      expect((await mosaicOf(written('coded.dcm', bytes))).data).toEqual((await mosaicOf(nativeGrey)).data);
    }
  });
});

describe.skipIf(!isInstalled('ffmpeg'))('videos of ffmpeg', () => {
  const size = { rows: 96, columns: 128 };
  const count = 12;
  it.each([
    ['100', 'm2v', ['-c:v', 'mpeg2video', '-bf', '2']],
    ['101', 'mpg', ['-c:v', 'mpeg2video', '-f', 'mpeg']],
    ['100.1', 'ts', ['-c:v', 'mpeg2video', '-f', 'mpegts']],
    ['101.1', 'ts', ['-c:v', 'mpeg2video', '-f', 'mpegts']],
    ['102', 'mp4', ['-c:v', 'libx264', '-profile:v', 'high']],
    ['102.1', 'ts', ['-c:v', 'libx264', '-f', 'mpegts']],
    ['103', 'ts', ['-c:v', 'libx264', '-f', 'mpegts', '-bluray-compat', '1']],
    ['103.1', 'ts', ['-c:v', 'libx264', '-f', 'mpegts', '-bluray-compat', '1']],
    ['104', 'mp4', ['-c:v', 'libx264', '-level', '4.2']],
    ['104.1', 'ts', ['-c:v', 'libx264', '-level', '4.2', '-f', 'mpegts']],
    ['105', 'h264', ['-c:v', 'libx264', '-level', '4.2', '-f', 'h264']],
    ['105.1', 'h264', ['-c:v', 'libx264', '-level', '4.2', '-f', 'h264']],
    ['106', 'h264', ['-c:v', 'libx264', '-f', 'h264']],
    ['106.1', 'h264', ['-c:v', 'libx264', '-f', 'h264']],
    ['107', 'hevc', ['-c:v', 'libx265', '-f', 'hevc']],
    ['108', 'ts', ['-c:v', 'libx265', '-f', 'mpegts']],
  ] as const)('.%s as %s %j', async (uid, ending, codec) => {
    const source = ['-f', 'lavfi', '-i', `testsrc2=size=${size.columns}x${size.rows}:rate=25`, '-frames:v', `${count}`];
    const stream = encoders.file(`video.${ending}`);
    const quiet = ['-y', '-loglevel', 'error'];
    run('ffmpeg', ...quiet, ...source, '-pix_fmt', 'yuv420p', ...codec, stream);
    const raw = encoders.file('all.rgb');
    // Chrominance made larger without steps, which ffmpeg does when told.
    const fine = ['-sws_flags', 'bicubic+accurate_rnd+full_chroma_int'];
    run('ffmpeg', ...quiet, '-i', stream, '-vsync', '0', ...fine, '-pix_fmt', 'rgb24', '-f', 'rawvideo', raw);
    const all = new Uint8Array(readFileSync(raw));
    const bytes = new Uint8Array(readFileSync(stream));
    // The whole stream in one fragment, or (fragmentable syntaxes) in several.
    const fragmentsPerFrame = uid.endsWith('.1') ? 4 : 1;
    const path = written(
      'video.dcm',
      secondaryCapture({
        ...size,
        attributes: {
          PhotometricInterpretation: 'YBR_PARTIAL_420',
          NumberOfFrames: count,
          ...encapsulatedPixelData([bytes], { offsetTable: 'empty', fragmentsPerFrame }),
        },
        write: { transferSyntaxUid: JPEG + uid },
      }),
    );
    const length = size.rows * size.columns * 3;
    expect(all.length).toBe(count * length);
    for (const frame of [1, 6, count]) {
      const image = await createImage(path, { position: 0, frame, imageWidth: 'native', format: 'png' });
      const { data } = await decodePicture(image.bytes, 3);
      expect(greatestDifference(data, all.subarray((frame - 1) * length, frame * length))).toBeLessThanOrEqual(3);
    }
  });
});

describe('syntaxes that nothing decodes', () => {
  const failure = async (transferSyntaxUid: string): Promise<PreviewError> => {
    const attributes = encapsulatedPixelData([new Uint8Array(64)]);
    const path = written('none.dcm', secondaryCapture({ rows, columns, attributes, write: { transferSyntaxUid } }));
    const error = await createImage(path, { position: 0 }).catch((reason: unknown) => reason);
    if (!(error instanceof PreviewError)) throw new Error('Expected an error of this package.');
    return error;
  };

  it('names JPIP and what to do', async () => {
    const error = await failure(`${JPEG}94`);
    expect(error.code).toBe('unsupported');
    expect(error.message).toMatch(/JPIP server/);
  });

  it('names private and unknown syntaxes', async () => {
    expect((await failure('1.2.3.4.5')).message).toMatch(/unknown transfer syntax \(1\.2\.3\.4\.5\)/);
  });

  it('refuses bytes that are no codestream of the syntax', async () => {
    for (const uid of ['50', '51', '57', '70', '80', '81', '90', '91', '110', '201']) {
      expect((await failure(JPEG + uid)).code).toBe('decode');
    }
  });

  it('believes the layout of the pixel data over a transfer syntax left behind', async () => {
    // Native pixels under a compressed syntax.
    const claimed = written(
      'claimed.dcm',
      secondaryCapture({ rows, columns, write: { declaredTransferSyntaxUid: `${JPEG}50` } }),
    );
    expect((await colourOf(claimed)).data).toEqual((await colourOf(nativeColour)).data);
  });
});

describe.skipIf(!isInstalled('opj_compress'))('compressed pixels under a native syntax', () => {
  it('are known by their items and their first bytes', async () => {
    const colour = encoders.jpeg2000({ values: rgb, rows, columns, samplesPerPixel: 3, bits: 8 });
    const attributes = { PhotometricInterpretation: 'YBR_RCT', ...encapsulatedPixelData([colour]) };
    const path = written(
      'claimed.dcm',
      secondaryCapture({
        rows,
        columns,
        attributes,
        write: { transferSyntaxUid: `${JPEG}90`, declaredTransferSyntaxUid: transferSyntax.explicitLittleEndian },
      }),
    );
    expect((await colourOf(path)).data).toEqual((await colourOf(nativeColour)).data);
  });
});
