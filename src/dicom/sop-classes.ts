/** Image storage SOP classes (PS3.4 B.5) whose instances have one frame: their order is known without Number of Frames. */
const singleFrame: ReadonlySet<string> = new Set([
  '1.2.840.10008.5.1.4.1.1.1',
  '1.2.840.10008.5.1.4.1.1.1.1',
  '1.2.840.10008.5.1.4.1.1.1.1.1',
  '1.2.840.10008.5.1.4.1.1.1.2',
  '1.2.840.10008.5.1.4.1.1.1.2.1',
  '1.2.840.10008.5.1.4.1.1.1.3',
  '1.2.840.10008.5.1.4.1.1.1.3.1',
  '1.2.840.10008.5.1.4.1.1.2',
  '1.2.840.10008.5.1.4.1.1.4',
  '1.2.840.10008.5.1.4.1.1.6.1',
  '1.2.840.10008.5.1.4.1.1.7',
  '1.2.840.10008.5.1.4.1.1.128',
]);

/** Whether instances of this SOP class have a single frame by definition. */
export function isSingleFrameSopClass(sopClassUid: string): boolean {
  return singleFrame.has(sopClassUid);
}

/** Storage SOP classes without pixels, for messages: what the object is in place of an image. */
const withoutPixels: ReadonlyMap<string, string> = new Map([
  ['1.2.840.10008.1.3.10', 'a DICOMDIR (Media Storage Directory)'],
  ['1.2.840.10008.5.1.4.1.1.9.1.1', 'a 12-lead ECG waveform'],
  ['1.2.840.10008.5.1.4.1.1.9.1.2', 'a general ECG waveform'],
  ['1.2.840.10008.5.1.4.1.1.9.1.3', 'an ambulatory ECG waveform'],
  ['1.2.840.10008.5.1.4.1.1.9.1.4', 'a general 32-bit ECG waveform'],
  ['1.2.840.10008.5.1.4.1.1.9.2.1', 'a hemodynamic waveform'],
  ['1.2.840.10008.5.1.4.1.1.9.3.1', 'a cardiac electrophysiology waveform'],
  ['1.2.840.10008.5.1.4.1.1.9.4.1', 'a basic voice audio waveform'],
  ['1.2.840.10008.5.1.4.1.1.9.4.2', 'a general audio waveform'],
  ['1.2.840.10008.5.1.4.1.1.9.5.1', 'an arterial pulse waveform'],
  ['1.2.840.10008.5.1.4.1.1.9.6.1', 'a respiratory waveform'],
  ['1.2.840.10008.5.1.4.1.1.11.1', 'a grayscale softcopy presentation state'],
  ['1.2.840.10008.5.1.4.1.1.11.2', 'a color softcopy presentation state'],
  ['1.2.840.10008.5.1.4.1.1.11.3', 'a pseudo-color softcopy presentation state'],
  ['1.2.840.10008.5.1.4.1.1.11.4', 'a blending softcopy presentation state'],
  ['1.2.840.10008.5.1.4.1.1.11.5', 'an XA/XRF grayscale softcopy presentation state'],
  ['1.2.840.10008.5.1.4.1.1.11.6', 'a grayscale planar MPR volumetric presentation state'],
  ['1.2.840.10008.5.1.4.1.1.11.8', 'an advanced blending presentation state'],
  ['1.2.840.10008.5.1.4.1.1.66', 'raw data'],
  ['1.2.840.10008.5.1.4.1.1.66.1', 'a spatial registration'],
  ['1.2.840.10008.5.1.4.1.1.66.2', 'spatial fiducials'],
  ['1.2.840.10008.5.1.4.1.1.66.3', 'a deformable spatial registration'],
  ['1.2.840.10008.5.1.4.1.1.66.5', 'a surface segmentation'],
  ['1.2.840.10008.5.1.4.1.1.66.6', 'tractography results'],
  ['1.2.840.10008.5.1.4.1.1.67', 'a real world value mapping'],
  ['1.2.840.10008.5.1.4.1.1.68.1', 'a surface scan mesh'],
  ['1.2.840.10008.5.1.4.1.1.68.2', 'a surface scan point cloud'],
  ['1.2.840.10008.5.1.4.1.1.88.11', 'a basic text structured report'],
  ['1.2.840.10008.5.1.4.1.1.88.22', 'an enhanced structured report'],
  ['1.2.840.10008.5.1.4.1.1.88.33', 'a comprehensive structured report'],
  ['1.2.840.10008.5.1.4.1.1.88.34', 'a comprehensive 3D structured report'],
  ['1.2.840.10008.5.1.4.1.1.88.35', 'an extensible structured report'],
  ['1.2.840.10008.5.1.4.1.1.88.40', 'a procedure log'],
  ['1.2.840.10008.5.1.4.1.1.88.50', 'a mammography CAD report'],
  ['1.2.840.10008.5.1.4.1.1.88.59', 'a key object selection'],
  ['1.2.840.10008.5.1.4.1.1.88.65', 'a chest CAD report'],
  ['1.2.840.10008.5.1.4.1.1.88.67', 'an X-ray radiation dose report'],
  ['1.2.840.10008.5.1.4.1.1.88.68', 'a radiopharmaceutical radiation dose report'],
  ['1.2.840.10008.5.1.4.1.1.88.69', 'a colon CAD report'],
  ['1.2.840.10008.5.1.4.1.1.88.70', 'an implantation plan report'],
  ['1.2.840.10008.5.1.4.1.1.88.71', 'an acquisition context report'],
  ['1.2.840.10008.5.1.4.1.1.90.1', 'a content assessment result'],
  ['1.2.840.10008.5.1.4.1.1.91.1', 'a set of microscopy bulk simple annotations'],
  ['1.2.840.10008.5.1.4.1.1.104.1', 'an encapsulated PDF'],
  ['1.2.840.10008.5.1.4.1.1.104.2', 'an encapsulated CDA document'],
  ['1.2.840.10008.5.1.4.1.1.104.3', 'an encapsulated STL model'],
  ['1.2.840.10008.5.1.4.1.1.104.4', 'an encapsulated OBJ model'],
  ['1.2.840.10008.5.1.4.1.1.104.5', 'an encapsulated MTL file'],
  ['1.2.840.10008.5.1.4.1.1.481.3', 'an RT Structure Set'],
  ['1.2.840.10008.5.1.4.1.1.481.4', 'an RT Beams Treatment Record'],
  ['1.2.840.10008.5.1.4.1.1.481.5', 'an RT Plan'],
  ['1.2.840.10008.5.1.4.1.1.481.6', 'an RT Brachy Treatment Record'],
  ['1.2.840.10008.5.1.4.1.1.481.7', 'an RT Treatment Summary Record'],
  ['1.2.840.10008.5.1.4.1.1.481.8', 'an RT Ion Plan'],
  ['1.2.840.10008.5.1.4.1.1.481.9', 'an RT Ion Beams Treatment Record'],
  ['1.2.840.10008.5.1.4.34.7', 'RT beams delivery instructions'],
]);

/** What an object without pixels is, in words for a message; undefined where its SOP class is not known to have none. */
export function describeObjectWithoutPixels(sopClassUid: string): string | undefined {
  return withoutPixels.get(sopClassUid);
}
