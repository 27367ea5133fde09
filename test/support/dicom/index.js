/**
 * Synthetic DICOM for tests, the demo and the bench: made from a seed, by code alone. See index.d.ts for the types.
 */
export { greyPixelAttributes, privateHeader, seriesAttributes, sopClass, toStoredValues } from './common.js';
export { keywords, lookUp } from './dictionary.js';
export { encapsulate, encapsulatedPixelData } from './encapsulated.js';
export { writeSeriesFolder } from './folder.js';
export { orientations, readingDirection, sliceStack } from './geometry.js';
export { paletteUltrasound, radiograph, rgbPicture, rgbToYbrFull, secondaryCapture } from './image-objects.js';
export { csaHeader, siemensMosaic, uihGrid } from './mosaic.js';
export { doseGrid, enhancedMultiFrame, segmentation, writeEnhancedMultiFrameFile } from './multi-frame.js';
export { createPhantom } from './phantom.js';
export { randomBytes, seededRandom, seededUid, seededUuid, shuffled } from './random.js';
export { encodeRleFrame } from './rle.js';
export {
  ctInstances,
  ctSeries,
  localizerInstances,
  localizerSeries,
  mrInstances,
  mrSeries,
  petInstances,
  petSeries,
} from './series.js';
export { toSeries, windowAttributes } from './slices.js';
export { decimalString } from './values.js';
export { wholeSlideInstances, wholeSlideSeries } from './whole-slide.js';
export { instanceChunks, transferSyntax, writeInstance, writeInstanceFile } from './writer.js';
