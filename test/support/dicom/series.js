import { sopClass } from './common.js';
import { orientations } from './geometry.js';
import { seededUid } from './random.js';
import { sliceInstances, toSeries } from './slices.js';

const CT_STORED = /** @type {const} */ ({
  bitsAllocated: 16,
  bitsStored: 12,
  pixelRepresentation: 0,
  intercept: -1024,
});
const CT_WINDOWS = [{ center: 40, width: 400 }];

/**
 * A CT-like series in reading order (superior to inferior for axial ones).
 *
 * @type {typeof import('./index.d.ts').ctInstances}
 */
export function ctInstances(options = {}) {
  return sliceInstances(options, {
    modality: 'CT',
    sopClassUid: sopClass.ct,
    stored: CT_STORED,
    windows: CT_WINDOWS,
    attributes: (slice) => ({
      KVP: 120,
      ConvolutionKernel: 'B30f',
      PatientPosition: 'HFS',
      AcquisitionNumber: 1,
      ContentTime: clock(slice * 0.5),
    }),
  });
}

/** @type {typeof import('./index.d.ts').ctSeries} */
export const ctSeries = (options) => toSeries(ctInstances(options));

/** Seconds after 10:20:00 as TM. */
function clock(/** @type {number} */ seconds) {
  const total = Math.floor(seconds);
  const fraction = String(Math.round((seconds - total) * 1e6)).padStart(6, '0');
  /** @type {(value: number) => string} */
  const two = (value) => String(value).padStart(2, '0');
  return `${two(10 + Math.floor((1200 + total) / 3600))}${two(Math.floor((1200 + total) / 60) % 60)}${two(total % 60)}.${fraction}`;
}

/** Hounsfield values as the signal of a spin echo: bone and air dark, fat bright, fluid by echo. */
function mrSignal(/** @type {Int16Array} */ hounsfield, /** @type {number} */ decay) {
  return Float64Array.from(hounsfield, (value) => {
    if (value < -300) return 10 + (value + 1000) * 0.02;
    if (value < -40) return 900 * decay;
    if (value < 25) return 300 + 500 * (1 - decay);
    return value < 300 ? (450 + value) * decay : 60;
  });
}

/**
 * An MR series with several volumes at the same positions: echoes, temporal positions or trigger times.
 *
 * @type {typeof import('./index.d.ts').mrInstances}
 */
export function mrInstances(options = {}) {
  const { volumes = 2, repeated = 'echo' } = options;
  return sliceInstances(options, {
    modality: 'MR',
    sopClassUid: sopClass.mr,
    volumes,
    stored: { bitsAllocated: 16, bitsStored: 12, pixelRepresentation: 0 },
    windows: [],
    modalityValues: (hounsfield, _, volume) => mrSignal(hounsfield, 1 / (1 + 0.4 * volume)),
    attributes: (slice, volume) => ({
      RepetitionTime: 3000,
      EchoTime: repeated === 'echo' ? 15 + 20 * volume : 15,
      ...(repeated === 'echo' ? { EchoNumbers: volume + 1 } : {}),
      ...(repeated === 'temporal'
        ? { TemporalPositionIdentifier: volume + 1, NumberOfTemporalPositions: volumes }
        : {}),
      ...(repeated === 'trigger' ? { TriggerTime: 40 * volume } : {}),
      ContentTime: clock(repeated === 'content' ? volume * 60 + slice : slice * 0.5),
      ...(options.windowsPerInstance === true
        ? { WindowCenter: 300 + 7 * slice + 90 * volume, WindowWidth: 600 + 11 * slice + 40 * volume }
        : {}),
    }),
  });
}

/** @type {typeof import('./index.d.ts').mrSeries} */
export const mrSeries = (options) => toSeries(mrInstances(options));

/**
 * Axial, coronal and sagittal slices in one series, as localizers have them.
 *
 * @type {typeof import('./index.d.ts').localizerInstances}
 */
export function* localizerInstances(options = {}) {
  const { perOrientation = 3, ...rest } = options;
  let offset = 0;
  for (const orientation of /** @type {const} */ (['axial', 'coronal', 'sagittal'])) {
    const first = offset;
    yield* mrInstances({
      ...rest,
      instances: perOrientation,
      sliceSpacing: 20,
      orientation,
      volumes: 1,
      key: (index) => `${orientation}-${index + 1}.dcm`,
      instanceNumbers: (index) => first + index + 1,
      attributes: (attributes, index) => ({
        ...attributes,
        ImageType: ['ORIGINAL', 'PRIMARY', 'LOCALIZER'],
        SOPInstanceUID: seededUid(rest.seed ?? 1, `localizer/${rest.series ?? 'series'}/${first + index}`),
        ImageOrientationPatient: [...orientations[orientation]],
      }),
    });
    offset += perOrientation;
  }
}

/** @type {typeof import('./index.d.ts').localizerSeries} */
export const localizerSeries = (options) => toSeries(localizerInstances(options));

/**
 * A PET series: activity in Bq/ml, another Rescale Slope in each instance so that each uses all its bits.
 *
 * @type {typeof import('./index.d.ts').petInstances}
 */
export function petInstances(options = {}) {
  return sliceInstances(options, {
    modality: 'PT',
    sopClassUid: sopClass.pet,
    stored: { bitsAllocated: 16, bitsStored: 16, pixelRepresentation: 1 },
    slope: (slice) => 0.25 + 0.05 * (slice % 9),
    windows: [],
    modalityValues: (hounsfield) =>
      Float64Array.from(hounsfield, (value) => (value > 100 && value < 300 ? 4000 : value > 0 ? 900 : 30)),
    attributes: () => ({
      Units: 'BQML',
      CorrectedImage: ['DECY', 'ATTN'],
      SeriesType: ['STATIC', 'IMAGE'],
      DecayCorrection: 'START',
    }),
  });
}

/** @type {typeof import('./index.d.ts').petSeries} */
export const petSeries = (options) => toSeries(petInstances(options));
