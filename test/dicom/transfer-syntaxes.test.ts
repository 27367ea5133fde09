import { expect, test } from 'vitest';
import {
  dataSetEncodingOf,
  describeTransferSyntax,
  findTransferSyntax,
  hasBigEndianPixels,
  isVideo,
  transferSyntaxes,
  transferSyntaxUids,
} from '../../src/dicom/transfer-syntaxes.ts';

test('every UID is there once', () => {
  const uids = transferSyntaxes.map(({ uid }) => uid);
  expect(new Set(uids).size).toBe(uids.length);
  expect(uids.length).toBeGreaterThanOrEqual(64);
  for (const uid of uids) expect(uid).toMatch(/^[0-9]+(\.[0-9]+)+$/);
  for (const uid of Object.values(transferSyntaxUids)) expect(uids).toContain(uid);
});

test('names for messages', () => {
  expect(describeTransferSyntax('1.2.840.10008.1.2.4.91')).toBe('JPEG 2000 Image Compression (1.2.840.10008.1.2.4.91)');
  expect(describeTransferSyntax('1.2.840.10008.1.2.2')).toBe('Explicit VR Big Endian, retired (1.2.840.10008.1.2.2)');
  expect(describeTransferSyntax('1.2.3\n<script>')).toBe('an unknown transfer syntax (1.2.3script)');
  expect(describeTransferSyntax('')).toBe('an unknown transfer syntax (no UID)');
});

const uidsWhere = (isMeant: (uid: string) => boolean): readonly string[] =>
  transferSyntaxes.map(({ uid }) => uid.replace('1.2.840.10008.1.2', '')).filter((_, index) => isMeant(uidAt(index)));
const uidAt = (index: number): string => transferSyntaxes[index]?.uid ?? '';

test('the layout of data sets', () => {
  expect(uidsWhere((uid) => dataSetEncodingOf(uid).implicitVr)).toEqual(['', '1.2.840.113619.5.2', '0']);
  expect(uidsWhere((uid) => dataSetEncodingOf(uid).bigEndian)).toEqual(['.2']);
  expect(uidsWhere((uid) => dataSetEncodingOf(uid).deflated)).toEqual(['.1.99', '.4.95', '.4.205']);
  expect(dataSetEncodingOf('1.2.3')).toMatchObject({ implicitVr: false, bigEndian: false, deflated: false });
});

test('what pixel data are', () => {
  expect(uidsWhere(hasBigEndianPixels)).toEqual(['.2', '1.2.840.113619.5.2']);
  const video = ['.100', '.101', '.102', '.103', '.104', '.105', '.106'].flatMap((end) => [end, `${end}.1`]);
  expect(uidsWhere(isVideo)).toEqual([...video, '.107', '.108'].map((end) => `.4${end}`));
  const having = (trait: 'isEncapsulatedNative' | 'isLosslessJpeg' | 'isHighThroughput'): readonly string[] =>
    uidsWhere((uid) => findTransferSyntax(uid)?.[trait] === true);
  expect(having('isEncapsulatedNative')).toEqual(['.1.98']);
  expect(having('isLosslessJpeg')).toEqual(['.4.57', '.4.58', '.4.65', '.4.66', '.4.70']);
  expect(having('isHighThroughput')).toEqual(['.4.201', '.4.202', '.4.203']);
});
