/** Storage SOP classes (PS3.4 B.5) that code has to name. */
export const sopClassUids = {
  parametricMap: '1.2.840.10008.5.1.4.1.1.30',
  wholeSlideMicroscopyImage: '1.2.840.10008.5.1.4.1.1.77.1.6',
} as const;

const root = '1.2.840.10008.';
const storageRoot = '1.2.840.10008.5.1.4.1.1.';

interface ImageTraits {
  /** Its instances have one frame by definition. */
  readonly isSingleFrame?: true;
  /** Its instances must say where in the patient they lie. */
  readonly isPlaced?: true;
  /** What its images are known to show besides the patient's inside: names and numbers as text, or a face. */
  readonly mayReveal?: RevealingKind;
}

/** A kind of image that often tells who the patient is. */
export type RevealingKind = 'secondary-capture' | 'ultrasound' | 'photograph';

/** Image storage SOP classes that are treated apart, by what follows 1.2.840.10008.5.1.4.1.1. */
const imageClasses: ReadonlyMap<string, ImageTraits> = new Map<string, ImageTraits>([
  // Computed Radiography
  ['1', { isSingleFrame: true }],
  // Digital X-Ray, Digital Mammography X-Ray, Digital Intra-Oral X-Ray: each for presentation and for processing
  ['1.1', { isSingleFrame: true }],
  ['1.1.1', { isSingleFrame: true }],
  ['1.2', { isSingleFrame: true }],
  ['1.2.1', { isSingleFrame: true }],
  ['1.3', { isSingleFrame: true }],
  ['1.3.1', { isSingleFrame: true }],
  // CT, Enhanced CT
  ['2', { isSingleFrame: true, isPlaced: true }],
  ['2.1', { isPlaced: true }],
  // MR, Enhanced MR
  ['4', { isSingleFrame: true, isPlaced: true }],
  ['4.1', { isPlaced: true }],
  // Ultrasound: multi-frame and single-frame (retired forms too), Enhanced US Volume, Photoacoustic
  ['3', { mayReveal: 'ultrasound' }],
  ['3.1', { mayReveal: 'ultrasound' }],
  ['6', { mayReveal: 'ultrasound' }],
  ['6.1', { isSingleFrame: true, mayReveal: 'ultrasound' }],
  ['6.2', { mayReveal: 'ultrasound' }],
  ['6.3', { mayReveal: 'ultrasound' }],
  // Secondary Capture, and multi-frame of single bits, bytes, words and colours
  ['7', { isSingleFrame: true, mayReveal: 'secondary-capture' }],
  ['7.1', { mayReveal: 'secondary-capture' }],
  ['7.2', { mayReveal: 'secondary-capture' }],
  ['7.3', { mayReveal: 'secondary-capture' }],
  ['7.4', { mayReveal: 'secondary-capture' }],
  // VL Photographic, Video Photographic, Dermoscopic Photography
  ['77.1.4', { mayReveal: 'photograph' }],
  ['77.1.4.1', { mayReveal: 'photograph' }],
  ['77.1.7', { mayReveal: 'photograph' }],
  // PET, Enhanced PET
  ['128', { isSingleFrame: true, isPlaced: true }],
  ['130', { isPlaced: true }],
  // RT Dose
  ['481.2', { isPlaced: true }],
]);

/**
 * Storage SOP classes whose instances have no pixels, in words for a message, by what follows 1.2.840.10008.5.1.4.1.1.
 */
const withoutPixels: ReadonlyMap<string, string> = new Map<string, string>([
  ['4.2', 'MR spectroscopy'],
  ['8', 'a standalone overlay'],
  ['9', 'a standalone curve'],
  ['9.1', 'a waveform'],
  ['9.1.1', 'a 12-lead ECG waveform'],
  ['9.1.2', 'a general ECG waveform'],
  ['9.1.3', 'an ambulatory ECG waveform'],
  ['9.1.4', 'a general 32-bit ECG waveform'],
  ['9.2.1', 'a hemodynamic waveform'],
  ['9.3.1', 'a cardiac electrophysiology waveform'],
  ['9.4.1', 'a basic voice audio waveform'],
  ['9.4.2', 'a general audio waveform'],
  ['9.5.1', 'an arterial pulse waveform'],
  ['9.6.1', 'a respiratory waveform'],
  ['9.6.2', 'a multi-channel respiratory waveform'],
  ['9.7.1', 'a routine scalp electroencephalogram'],
  ['9.7.2', 'an electromyogram'],
  ['9.7.3', 'an electrooculogram'],
  ['9.7.4', 'a sleep electroencephalogram'],
  ['9.8.1', 'a body position waveform'],
  ['10', 'a standalone modality LUT'],
  ['11', 'a standalone VOI LUT'],
  ['11.1', 'a grayscale softcopy presentation state'],
  ['11.2', 'a color softcopy presentation state'],
  ['11.3', 'a pseudo-color softcopy presentation state'],
  ['11.4', 'a blending softcopy presentation state'],
  ['11.5', 'an XA/XRF grayscale softcopy presentation state'],
  ['11.6', 'a grayscale planar MPR volumetric presentation state'],
  ['11.7', 'a compositing planar MPR volumetric presentation state'],
  ['11.8', 'an advanced blending presentation state'],
  ['11.9', 'a volume rendering volumetric presentation state'],
  ['11.10', 'a segmented volume rendering volumetric presentation state'],
  ['11.11', 'a multiple volume rendering volumetric presentation state'],
  ['66', 'raw data'],
  ['66.1', 'a spatial registration'],
  ['66.2', 'spatial fiducials'],
  ['66.3', 'a deformable spatial registration'],
  ['66.5', 'a surface segmentation'],
  ['66.6', 'tractography results'],
  ['67', 'a real world value mapping'],
  ['68.1', 'a surface scan mesh'],
  ['68.2', 'a surface scan point cloud'],
  ['77.1.5.3', 'a stereometric relationship'],
  ['78.1', 'lensometry measurements'],
  ['78.2', 'autorefraction measurements'],
  ['78.3', 'keratometry measurements'],
  ['78.4', 'subjective refraction measurements'],
  ['78.5', 'visual acuity measurements'],
  ['78.6', 'a spectacle prescription report'],
  ['78.7', 'ophthalmic axial measurements'],
  ['78.8', 'intraocular lens calculations'],
  ['79.1', 'a macular grid thickness and volume report'],
  ['80.1', 'ophthalmic visual field static perimetry measurements'],
  ['88.1', 'a text structured report'],
  ['88.2', 'an audio structured report'],
  ['88.3', 'a detail structured report'],
  ['88.4', 'a comprehensive structured report (trial)'],
  ['88.11', 'a basic text structured report'],
  ['88.22', 'an enhanced structured report'],
  ['88.33', 'a comprehensive structured report'],
  ['88.34', 'a comprehensive 3D structured report'],
  ['88.35', 'an extensible structured report'],
  ['88.40', 'a procedure log'],
  ['88.50', 'a mammography CAD report'],
  ['88.59', 'a key object selection'],
  ['88.65', 'a chest CAD report'],
  ['88.67', 'an X-ray radiation dose report'],
  ['88.68', 'a radiopharmaceutical radiation dose report'],
  ['88.69', 'a colon CAD report'],
  ['88.70', 'an implantation plan report'],
  ['88.71', 'an acquisition context report'],
  ['88.72', 'a simplified adult echo report'],
  ['88.73', 'a patient radiation dose report'],
  ['88.74', 'a planned imaging agent administration report'],
  ['88.75', 'a performed imaging agent administration report'],
  ['88.76', 'an enhanced X-ray radiation dose report'],
  ['90.1', 'a content assessment result'],
  ['91.1', 'a set of microscopy bulk simple annotations'],
  ['104.1', 'an encapsulated PDF'],
  ['104.2', 'an encapsulated CDA document'],
  ['104.3', 'an encapsulated STL model'],
  ['104.4', 'an encapsulated OBJ model'],
  ['104.5', 'an encapsulated MTL file'],
  ['129', 'a standalone PET curve'],
  ['131', 'a basic structured display'],
  ['200.1', 'a CT defined procedure protocol'],
  ['200.2', 'a CT performed procedure protocol'],
  ['200.3', 'a protocol approval'],
  ['200.7', 'an XA defined procedure protocol'],
  ['200.8', 'an XA performed procedure protocol'],
  ['481.3', 'an RT Structure Set'],
  ['481.4', 'an RT Beams Treatment Record'],
  ['481.5', 'an RT Plan'],
  ['481.6', 'an RT Brachy Treatment Record'],
  ['481.7', 'an RT Treatment Summary Record'],
  ['481.8', 'an RT Ion Plan'],
  ['481.9', 'an RT Ion Beams Treatment Record'],
  ['481.10', 'an RT Physician Intent'],
  ['481.11', 'an RT Segment Annotation'],
  ['481.12', 'an RT Radiation Set'],
  ['481.13', 'a C-Arm Photon-Electron Radiation'],
  ['481.14', 'a Tomotherapeutic Radiation'],
  ['481.15', 'a Robotic-Arm Radiation'],
  ['481.16', 'an RT Radiation Record Set'],
  ['481.17', 'an RT Radiation Salvage Record'],
  ['481.18', 'a Tomotherapeutic Radiation Record'],
  ['481.19', 'a C-Arm Photon-Electron Radiation Record'],
  ['481.20', 'a Robotic Radiation Record'],
  ['481.21', 'an RT Radiation Set Delivery Instruction'],
  ['481.22', 'an RT Treatment Preparation'],
  ['501.3', 'a threat detection report'],
]);

/** The same for stored objects of other SOP classes, by what follows 1.2.840.10008. */
const othersWithoutPixels: ReadonlyMap<string, string> = new Map<string, string>([
  ['1.3.10', 'a DICOMDIR (Media Storage Directory)'],
  ['5.1.4.34.1', 'RT beams delivery instructions (trial)'],
  ['5.1.4.34.7', 'RT beams delivery instructions'],
  ['5.1.4.34.10', 'an RT Brachy Application Setup Delivery Instruction'],
  ['5.1.4.38.1', 'a hanging protocol'],
  ['5.1.4.39.1', 'a color palette'],
  ['5.1.4.43.1', 'a generic implant template'],
  ['5.1.4.44.1', 'an implant assembly template'],
  ['5.1.4.45.1', 'an implant template group'],
]);

/** The entry of a UID in a table by what follows `start`. */
function find<Entry>(table: ReadonlyMap<string, Entry>, start: string, uid: string): Entry | undefined {
  return uid.startsWith(start) ? table.get(uid.slice(start.length)) : undefined;
}

/** Whether instances of this SOP class have one frame by definition: Number of Frames is not needed then. */
export function isSingleFrameSopClass(uid: string): boolean {
  return find(imageClasses, storageRoot, uid)?.isSingleFrame === true;
}

/** Whether instances of this SOP class must say where in the patient they lie. */
export function isPlacedSopClass(uid: string): boolean {
  return find(imageClasses, storageRoot, uid)?.isPlaced === true;
}

/** What images of this SOP class often reveal; undefined for nothing that is known. */
export function whatSopClassMayReveal(uid: string): RevealingKind | undefined {
  return find(imageClasses, storageRoot, uid)?.mayReveal;
}

/** What an object without pixels is, in words for a message; undefined where its SOP class may have pixels. */
export function describeObjectWithoutPixels(uid: string): string | undefined {
  return find(withoutPixels, storageRoot, uid) ?? find(othersWithoutPixels, root, uid);
}

/** UIDs of all SOP classes that are known to have no pixels. */
export function sopClassesWithoutPixels(): readonly string[] {
  return [
    ...Array.from(withoutPixels.keys(), (rest) => storageRoot + rest),
    ...Array.from(othersWithoutPixels.keys(), (rest) => root + rest),
  ];
}
