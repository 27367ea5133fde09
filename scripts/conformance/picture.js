// Pictures of this package beside those that DCMTK makes of the same object: first frame, native size.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';

const timeout = 60_000;

/** The greatest difference in grey levels, or why there is nothing to compare with. */
export async function comparePicture(createImage, { path, scratch, header, description, first }) {
  const skipped = whyNotCompared(header, description);
  if (skipped !== undefined) return { skipped };
  const window = first.samplesPerPixel === 1 && !isPalette(description) ? fullWindow(header, first) : undefined;
  const reference = referencePicture(path, scratch, window);
  if (reference === undefined) return { skipped: 'DCMTK shows nothing' };
  const { bytes } = await createImage(path, {
    position: 0,
    frame: 1,
    imageWidth: 'native',
    format: 'png',
    ...(window === undefined ? {} : { contrast: `${window.width},${window.center}` }),
  });
  const { data, info } = await sharp(bytes)
    .toColourspace('srgb')
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  const theirs = cropped(reference.picture, header.unfolding);
  if (info.width !== theirs.width || info.height !== theirs.height) return { skipped: 'pixels are not square' };
  let greatest = 0;
  for (let index = 0; index < data.length; index++) {
    greatest = Math.max(greatest, Math.abs(data[index] - theirs.rgb[index]));
  }
  return { difference: greatest, by: reference.by, colour: window === undefined };
}

const isPalette = ({ photometricInterpretation }) => photometricInterpretation === 'PALETTE COLOR';

function whyNotCompared(header, description) {
  if (header.segmentation !== undefined) return 'segments, in their colours';
  if (header.modality === 'RTDOSE') return 'a dose, in a colour map';
  if (header.totalPixelMatrix !== undefined) return 'a slide, put together from tiles';
  if (header.palette?.supplemental === true) return 'coloured by a supplemental palette, which DCMTK leaves out';
  return description.kind === 'integer' ? undefined : 'float values, which DCMTK does not show';
}

/** The window over all modality values of the frame, so that each of them counts. */
function fullWindow(header, frame) {
  const { modality } = header.frames[0];
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  const values = modality.kind === 'table' ? modality.table.entries : frame.values;
  for (const value of values) {
    const modalityValue = modality.kind === 'table' ? value : value * modality.slope + modality.intercept;
    if (modalityValue < least) least = modalityValue;
    if (modalityValue > most) most = modalityValue;
  }
  return windowOver(least, most);
}

function windowOver(least, most) {
  return { center: Math.round((least + most + 1) / 2), width: Math.max(2, Math.ceil(most - least) + 1) };
}

/** DCMTK's picture, of the object itself or of what GDCM decompressed; undefined where neither can. */
function referencePicture(path, scratch, window) {
  const direct = renderByDcmtk(path, scratch, window);
  if (direct !== undefined) return { picture: direct, by: 'DCMTK' };
  const native = join(scratch, 'native.dcm');
  rmSync(native, { force: true });
  const converted = spawnSync('gdcmconv', ['--raw', path, native], { timeout, stdio: 'ignore' });
  if (converted.status !== 0 || !existsSync(native)) return undefined;
  const picture = renderByDcmtk(native, scratch, window);
  return picture === undefined ? undefined : { picture, by: 'GDCM + DCMTK' };
}

function renderByDcmtk(path, scratch, window) {
  const output = join(scratch, 'dcmtk.pnm');
  rmSync(output, { force: true });
  const asked = window === undefined ? [] : ['+Ww', String(window.center), String(window.width)];
  const options = ['-O', '+F', '1', '--workaround-pred6', ...asked, '--write-raw-pnm'];
  const run = spawnSync('dcmj2pnm', [...options, path, output], { timeout, stdio: 'ignore' });
  return run.status === 0 && existsSync(output) ? readPnm(readFileSync(output)) : undefined;
}

/** A binary PGM or PPM of 8 bits as interleaved RGB. */
export function readPnm(bytes) {
  const head = /^P([56])\s+(?:#[^\n]*\n)*\s*(\d+)\s+(\d+)\s+255\s/.exec(bytes.subarray(0, 300).toString('latin1'));
  if (head === null) return undefined;
  const [width, height] = [Number(head[2]), Number(head[3])];
  const data = bytes.subarray(head[0].length);
  if (head[1] === '6') return { width, height, rgb: data };
  const rgb = new Uint8Array(width * height * 3);
  for (let pixel = 0; pixel < width * height; pixel++) rgb.fill(data[pixel], pixel * 3, pixel * 3 + 3);
  return { width, height, rgb };
}

/** The first slice of a mosaic. */
function cropped({ width, height, rgb }, unfolding) {
  if (unfolding === undefined) return { width, height, rgb };
  const { rows, columns } = unfolding;
  const part = new Uint8Array(rows * columns * 3);
  for (let row = 0; row < rows; row++) {
    part.set(rgb.subarray(row * width * 3, (row * width + columns) * 3), row * columns * 3);
  }
  return { width: columns, height: rows, rgb: part };
}
