import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { describeObjectWithoutPixels, sopClassesWithoutPixels } from '../../../src/dicom/sop-classes.ts';
import { createImage, createMosaic, PreviewError } from '../../../src/index.ts';
import { type Attributes, ctSeries, sopClass, type WriteOptions, writeInstance } from '../../support/dicom/index.js';

const folder = mkdtempSync(join(tmpdir(), 'dicom-series-preview-objects-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function failureOf(bytes: Uint8Array): Promise<PreviewError> {
  const path = join(folder, 'object.dcm');
  writeFileSync(path, bytes);
  const attempts = [() => createImage(path, { position: 0 }), () => createMosaic(path)];
  const errors: PreviewError[] = [];
  for (const attempt of attempts) {
    const error = await attempt().catch((reason: unknown) => reason);
    if (!(error instanceof PreviewError)) throw new Error(`Expected an error of this package, not ${String(error)}.`);
    errors.push(error);
  }
  const [first, second] = errors;
  if (first === undefined) throw new Error('Nothing failed.');
  expect(second?.message).toBe(first.message);
  return first;
}

const made = (attributes: Attributes, write?: WriteOptions): Uint8Array =>
  writeInstance({ SOPInstanceUID: '2.25.1', SeriesInstanceUID: '2.25.2', Modality: 'OT', ...attributes }, write);

describe('an object without pixels', () => {
  it('is known for the kinds that are met most', () => {
    expect(
      [
        '1.3.10',
        ...['11.1', '88.11', '88.59', '104.1', '481.3', '481.5', '9.1.1', '4.2', '66'].map(
          (name) => `5.1.4.1.1.${name}`,
        ),
      ].map((name) => describeObjectWithoutPixels(`1.2.840.10008.${name}`)),
    ).toEqual([
      'a DICOMDIR (Media Storage Directory)',
      'a grayscale softcopy presentation state',
      'a basic text structured report',
      'a key object selection',
      'an encapsulated PDF',
      'an RT Structure Set',
      'an RT Plan',
      'a 12-lead ECG waveform',
      'MR spectroscopy',
      'raw data',
    ]);
    for (const image of Object.values(sopClass)) {
      const hasNone = image === sopClass.basicTextSr || image === sopClass.rtStructureSet;
      expect([image, describeObjectWithoutPixels(image) !== undefined]).toEqual([image, hasNone]);
    }
    expect(describeObjectWithoutPixels('')).toBeUndefined();
    expect(describeObjectWithoutPixels('2.25.1')).toBeUndefined();
  });

  it('of every kind ends in an error that says what it is', async () => {
    const kinds = sopClassesWithoutPixels();
    expect(kinds.length).toBeGreaterThan(100);
    for (const SOPClassUID of kinds) {
      const error = await failureOf(made({ SOPClassUID }));
      expect([SOPClassUID, error.code]).toEqual([SOPClassUID, 'unsupported']);
      expect(error.message).toBe(
        `Expected an image but 'object.dcm' is ${describeObjectWithoutPixels(SOPClassUID)}, which has no pixels to show.`,
      );
    }
  });

  it('is known by its file meta information where the data set does not say', async () => {
    // A DICOMDIR has no SOP Class UID of its own.
    const uid = '1.2.840.10008.1.3.10';
    const directory = made({ SOPClassUID: uid });
    const own = Buffer.from(directory).lastIndexOf(uid);
    // Its SOP Class UID element made into a private one of the same length.
    directory.set([0x09, 0x00, 0x10, 0x00], own - 8);
    expect(Buffer.from(directory.subarray(0, own)).includes(uid)).toBe(true);
    expect((await failureOf(directory)).message).toMatch(/is a DICOMDIR/);
  });
});

describe('an object that should have pixels', () => {
  const [ct = new Uint8Array(0)] = ctSeries({ instances: 1, rows: 16 }).values();
  const pixelHeader = ct.length - 16 * 16 * 2 - 12;

  it('and has none says so', async () => {
    const error = await failureOf(ct.subarray(0, pixelHeader));
    expect(error.code).toBe('invalid-dicom');
    expect(error.message).toBe(
      `Expected an image but 'object.dcm' (SOP class ${sopClass.ct}) has no Pixel Data: it is truncated, or its pixels were removed.`,
    );
  });

  it('and ends inside an element says in which', async () => {
    for (const cut of [pixelHeader - 3, pixelHeader - 1]) {
      const { message } = await failureOf(ct.subarray(0, cut));
      expect(message).toMatch(
        /has no Pixel Data: it ends inside the element \(0028,[0-9A-F]{4}\) at byte \d+, truncated or damaged\.$/,
      );
    }
  });

  it('and has no image attributes either says that', async () => {
    expect((await failureOf(made({ SOPClassUID: sopClass.ct }))).message).toMatch(
      /has neither Rows and Columns nor Pixel Data\.$/,
    );
    expect((await failureOf(made({ SOPClassUID: '2.25.7' }))).message).toMatch(/\(SOP class 2\.25\.7\) has neither/);
    expect((await failureOf(made({}))).message).toMatch(/\(SOP class not given\)/);
    const error = await failureOf(
      made({ SOPClassUID: sopClass.ct, PixelData: { vr: 'OW', value: new Uint16Array(4) } }),
    );
    expect(error.message).toMatch(/Expected Rows and Columns above 0/);
  });

  it('and ends inside its pixels says how much is missing', async () => {
    // Of more than half of the bytes a picture is made.
    const error = await failureOf(ct.subarray(0, ct.length - 300));
    expect(error.code).toBe('decode');
    expect(error.message).toMatch(/needs 512 bytes and has 212/);
  });
});

describe('a header with', () => {
  it('blanks in place of a VR is read on', async () => {
    const [plain = new Uint8Array(0)] = ctSeries({ instances: 1, rows: 16, pixelPaddingValue: 5 }).values();
    const at = Buffer.from(plain).indexOf(Buffer.from([0x28, 0x00, 0x20, 0x01]));
    expect(at).toBeGreaterThan(0);
    const path = join(folder, 'blank.dcm');
    const pictures: Uint8Array[] = [];
    for (const vr of [undefined, '  ']) {
      const bytes = plain.slice();
      if (vr !== undefined) bytes.set(Buffer.from(vr), at + 4);
      writeFileSync(path, bytes);
      pictures.push((await createImage(path, { position: 0, format: 'png' })).bytes);
    }
    expect(pictures[1]).toEqual(pictures[0]);
  });

  it('a private sequence that is said to end inside its last item’s delimitation is read on', async () => {
    const item = Buffer.from('feff00e0ffffffff080000000000000000000000feff0de000000000', 'hex');
    const element = { vr: 'OB', bytes: item };
    const write = { transferSyntaxUid: '1.2.840.10008.1.2' };
    const [bytes = new Uint8Array(0)] = ctSeries({
      instances: 1,
      rows: 16,
      attributes: (given) => ({ ...given, '20051010': element }),
      transferSyntaxUid: write.transferSyntaxUid,
    }).values();
    const at = Buffer.from(bytes).indexOf(Buffer.from('0520101000', 'hex').subarray(0, 4));
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    expect(view.getUint32(at + 4, true)).toBe(item.length);
    view.setUint32(at + 4, item.length - 4, true);
    const path = join(folder, 'philips.dcm');
    writeFileSync(path, bytes);
    const { report } = await createImage(path, { position: 0 });
    expect(report.tiles[0]?.error).toBeUndefined();
  });
});
