import { expect, it } from 'vitest';
import { downloadCommand, remakeCommand } from '../../../src/atlas/page/commands.ts';
import {
  firstState,
  fragmentOf,
  type PageState,
  stateOfFragment,
  toggled,
} from '../../../src/atlas/page/page-state.ts';

it('keeps the whole state in the link', () => {
  const state: PageState = {
    ...{
      text: 'lung & "bone"',
      chosen: { modality: ['CT', 'MR'], body_part: [''], flags: ['gaps'] },
      sort: 'instances',
    },
    ...{ descending: true, series: '1.2.3', at: 500_000 },
  };
  expect(stateOfFragment(fragmentOf(state))).toEqual(state);
  expect(fragmentOf(firstState)).toBe('');
});

it('takes what a link says wrong for nothing', () => {
  expect(stateOfFragment('#sort=evil&at=-5&order=x&unknown=1')).toEqual(firstState);
});

it('chooses a value, and no longer', () => {
  const once = { ...firstState, chosen: toggled(firstState, 'modality', 'CT') };
  expect(once.chosen).toEqual({ modality: ['CT'] });
  expect(toggled(once, 'modality', 'CT')).toEqual({});
});

const about = {
  pictures: { views: ['mosaic'], mosaic: { quality: 25, format: 'webp', start: 0, end: 1, fit: true, tileWidth: 4 } },
};

it('tells the command that makes a picture anew, quoted for a shell', () => {
  const values = { name: "it's $(here)", root: '/data/a b', series_instance_uid: '1.2' };
  expect(remakeCommand(values, about)).toBe(
    "dicom-series-preview mosaic --root '/data/a b' --quality 25 --fit --tile-width 4 -- 'it'\\''s $(here)' 1.2.webp",
  );
});

it('tells the command of the view that the series has', () => {
  const planes = { format: 'png', labels: true, contrast: 'bone' };
  const both = { pictures: { ...about.pictures, views: ['planes', 'mosaic'], planes } };
  const values = { name: 's', root: null, series_instance_uid: '1.2' };
  const made = (view: string): string => JSON.stringify([{ view, offset: 0, length: 1 }]);
  expect(remakeCommand({ ...values, pictures: made('planes') }, both)).toBe(
    'dicom-series-preview planes --contrast bone -- s 1.2.png',
  );
  expect(remakeCommand({ ...values, pictures: made('mosaic') }, both)).toContain('dicom-series-preview mosaic ');
});

it('tells no command where a name holds control characters', () => {
  expect(remakeCommand({ name: 'a\nrm -rf', root: null, series_instance_uid: '1.2' }, about)).toBeUndefined();
});

it('tells the download command for series of the Imaging Data Commons alone', () => {
  const idc = { name: '38902e14-b11f-4548-910e-771ee757dc82', root: null, series_instance_uid: '1.2' };
  expect(downloadCommand(idc, {})).toBe('idc download 1.2');
  expect(downloadCommand({ ...idc, name: '1.2', root: '/data' }, {})).toBeUndefined();
});
