import { formatTag, tags } from './tags.ts';

/**
 * Keywords (PS3.6) of attributes that people ask for and that nothing else here needs. All attributes can be named by their
 * number; a whole dictionary would be larger than the rest of the parser.
 */
const others = `
00080012 InstanceCreationDate
00080020 StudyDate
00080030 StudyTime
00080031 SeriesTime
00080050 AccessionNumber
00080064 ConversionType
00080068 PresentationIntentType
00080080 InstitutionName
00080090 ReferringPhysicianName
00081010 StationName
00081030 StudyDescription
00081032 ProcedureCodeSequence
00082111 DerivationDescription
00100010 PatientName
00100020 PatientID
00100030 PatientBirthDate
00100040 PatientSex
00101010 PatientAge
00101020 PatientSize
00101030 PatientWeight
00180010 ContrastBolusAgent
00180020 ScanningSequence
00180021 SequenceVariant
00180022 ScanOptions
00180023 MRAcquisitionType
00180024 SequenceName
00180060 KVP
00180080 RepetitionTime
00180082 InversionTime
00180083 NumberOfAverages
00180084 ImagingFrequency
00180086 EchoNumbers
00180087 MagneticFieldStrength
00180091 EchoTrainLength
00180095 PixelBandwidth
00181000 DeviceSerialNumber
00181020 SoftwareVersions
00181050 SpatialResolution
00181062 NominalInterval
00181090 CardiacNumberOfImages
00181100 ReconstructionDiameter
00181110 DistanceSourceToDetector
00181111 DistanceSourceToPatient
00181120 GantryDetectorTilt
00181130 TableHeight
00181150 ExposureTime
00181151 XRayTubeCurrent
00181152 Exposure
00181160 FilterType
00181210 ConvolutionKernel
00181310 AcquisitionMatrix
00181312 InPlanePhaseEncodingDirection
00181314 FlipAngle
00181316 SAR
00185100 PatientPosition
00185101 ViewPosition
00189075 DiffusionDirectionality
00189089 DiffusionGradientOrientation
00189305 RevolutionTime
00189311 SpiralPitchFactor
00200010 StudyID
00200012 AcquisitionNumber
00200052 FrameOfReferenceUID
00200105 NumberOfTemporalPositions
00201040 PositionReferenceIndicator
00204000 ImageComments
00280051 CorrectedImage
00281055 WindowCenterWidthExplanation
00282112 LossyImageCompressionRatio
00282114 LossyImageCompressionMethod
00541101 AttenuationCorrectionMethod
00541102 DecayCorrection
00541321 DecayFactor
`;

/** How the standard writes the keywords that begin otherwise in camel case. */
const spellings: readonly (readonly [RegExp, string])[] = [
  [/^sop/, 'SOP'],
  [/^mr/, 'MR'],
  [/^voiLut/, 'VOILUT'],
  [/^lut/, 'LUT'],
  [/Uid$/, 'UID'],
  [/Id$/, 'ID'],
  [/Url$/, 'URL'],
  [/Palette(Descriptor|Data)$/, 'PaletteColorLookupTable$1'],
  [/Lut/, 'LUT'],
  [/Voi/, 'VOI'],
  [/Cielab/, 'CIELab'],
];

function pascalCased(name: string): string {
  let keyword = name;
  for (const [pattern, text] of spellings) keyword = keyword.replace(pattern, text);
  return keyword.charAt(0).toUpperCase() + keyword.slice(1);
}

const isPrivate = (tag: number): boolean => ((tag >>> 16) & 1) === 1;

const keywords: ReadonlyMap<number, string> = new Map([
  ...Object.entries(tags).flatMap(([name, tag]) =>
    isPrivate(tag) || tag >= tags.item ? [] : [[tag, pascalCased(name)] as const],
  ),
  ...others
    .trim()
    .split('\n')
    .map((line) => [Number.parseInt(line.slice(0, 8), 16), line.slice(9)] as const),
]);

/** The keyword of an attribute, or its number where we know none: `EchoTime`, `(0019,100C)`. */
export function nameOfTag(tag: number): string {
  return keywords.get(tag) ?? formatTag(tag);
}

/**
 * Whether an attribute is meant by a pattern: its keyword or its number ('EchoTime', '(0018,0081)', '0018,0081', '00180081'),
 * `*` for any characters and `?` for one, in capital or small letters.
 */
export function tagMatcher(pattern: string): (tag: number) => boolean {
  const expression = patternOf(pattern);
  const number = patternOf(pattern.replaceAll(/[(),\s]/g, ''));
  return (tag) => {
    const keyword = keywords.get(tag);
    if (keyword !== undefined && expression.test(keyword)) return true;
    return number.test(formatTag(tag).replaceAll(/[(),]/g, ''));
  };
}

function patternOf(text: string): RegExp {
  const escaped = text.replaceAll(/[.+^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${escaped.replaceAll(/\*+/g, '.*').replaceAll('?', '.')}$`, 'i');
}

/** Whether a pattern can mean any attribute: a keyword that we know, or a number. */
export function isKnownPattern(pattern: string): boolean {
  const bare = pattern.replaceAll(/[(),\s]/g, '');
  if (/^[0-9a-f?]{8}$|^[0-9a-f?*]*\*[0-9a-f?*]*$/i.test(bare)) return true;
  const expression = patternOf(pattern);
  return [...keywords.values()].some((keyword) => expression.test(keyword));
}

/** Keywords that attributes can be named by. */
export function knownKeywords(): readonly string[] {
  return [...keywords.values()];
}
