import { describe, expect, it } from 'vitest';
import { UsageError } from '../../../src/base/errors.ts';
import { contrastPresets, parseContrast } from '../../../src/pixels/contrast/presets.ts';

describe('contrastPresets', () => {
  it('holds the documented windows', () => {
    const windows = contrastPresets.map(({ name, width, center }) => `${name} ${width}/${center}`);
    expect(windows).toEqual([
      'lung 1500/-500',
      'bone 2000/300',
      'brain 80/40',
      'abdomen 350/50',
      'mediastinum 350/50',
      'liver 150/30',
      'soft-tissue 400/50',
      'vascular 700/200',
      't1 700/300',
      't2 475/155',
      'proton 920/420',
    ]);
  });
});

describe('parseContrast', () => {
  it.each([
    ['lung', 'lung'],
    ['CT-Lung', 'lung'],
    ['media', 'mediastinum'],
    ['ct-media', 'mediastinum'],
    ['soft', 'soft-tissue'],
    ['ct-soft-tissue', 'soft-tissue'],
    [' mr-t1 ', 't1'],
    ['t2', 't2'],
    ['mr-proton', 'proton'],
    ['ct-vascular', 'vascular'],
  ])('finds the preset %s', (text, name) => {
    expect(parseContrast(text)).toMatchObject({ kind: 'preset', preset: { name } });
  });

  it.each([
    ['1500,-500', 1500, -500],
    ['1500/-500', 1500, -500],
    [' 80 , 40 ', 80, 40],
    ['0.5,.25', 0.5, 0.25],
    ['1e3,-2.5E1', 1000, -25],
    ['+10,+5', 10, 5],
  ])('takes %s as width and center', (text, width, center) => {
    expect(parseContrast(text)).toEqual({ kind: 'window', width, center });
  });

  it('knows auto, embedded and nothing', () => {
    expect(parseContrast('AUTO')).toEqual({ kind: 'auto' });
    expect(parseContrast('embedded')).toEqual({ kind: 'embedded' });
    expect(parseContrast(undefined)).toEqual({ kind: 'default' });
  });

  it.each(['0,40', '-5,40', '1e999,0'])('refuses the window %s and says what a window is', (text) => {
    expect(() => parseContrast(text)).toThrow(UsageError);
    expect(() => parseContrast(text)).toThrow(`width above 0, such as 1500,-500, but received '${text}'`);
  });

  it.each([
    ['lungs', 'lung'],
    ['medias', 'media'],
    ['softtissue', 'soft-tissue'],
    ['ct-bones', 'ct-bone'],
    ['embeded', 'embedded'],
  ])('answers %s with what is nearest', (text, nearest) => {
    expect(() => parseContrast(text)).toThrow(`Did you mean '${nearest}'?`);
  });

  it.each(['', 'mr-lung', 'ct-t1', '1500', '1500,-500,3', '400,', 'NaN,1', 'x'.repeat(10_000)])(
    'refuses %j and lists the presets',
    (text) => {
      expect(() => parseContrast(text)).toThrow(UsageError);
      expect(() => parseContrast(text)).toThrow(/Presets: lung, bone, .*mediastinum or media, .*proton\. Also: auto/);
    },
  );

  it('guesses nothing for a word that is like no preset', () => {
    expect(() => parseContrast('cardiac')).not.toThrow('Did you mean');
  });
});
