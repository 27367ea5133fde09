/**
 * The attributes the generator can name by keyword (PS3.6). One line each: tag, VR, keyword.
 * Others are written by tag: `'00091001': { vr: 'LO', value: 'x' }`.
 */
const TABLE = `
00080005 CS SpecificCharacterSet
00080008 CS ImageType
00080012 DA InstanceCreationDate
00080016 UI SOPClassUID
00080018 UI SOPInstanceUID
00080020 DA StudyDate
00080021 DA SeriesDate
00080022 DA AcquisitionDate
00080023 DA ContentDate
0008002A DT AcquisitionDateTime
00080030 TM StudyTime
00080031 TM SeriesTime
00080032 TM AcquisitionTime
00080033 TM ContentTime
00080050 SH AccessionNumber
00080060 CS Modality
00080064 CS ConversionType
00080070 LO Manufacturer
00080080 LO InstitutionName
00080090 PN ReferringPhysicianName
00080100 SH CodeValue
00080102 SH CodingSchemeDesignator
00080104 LO CodeMeaning
00081030 LO StudyDescription
0008103E LO SeriesDescription
00081090 LO ManufacturerModelName
00081115 SQ ReferencedSeriesSequence
00081140 SQ ReferencedImageSequence
0008114A SQ ReferencedInstanceSequence
00081150 UI ReferencedSOPClassUID
00081155 UI ReferencedSOPInstanceUID
00081160 IS ReferencedFrameNumber
00082111 ST DerivationDescription
00089007 CS FrameType
00089205 CS PixelPresentation
00089206 CS VolumetricProperties
00089207 CS VolumeBasedCalculationTechnique
00100010 PN PatientName
00100020 LO PatientID
00100030 DA PatientBirthDate
00100040 CS PatientSex
00180015 CS BodyPartExamined
00180022 CS ScanOptions
00180050 DS SliceThickness
00180060 DS KVP
00180080 DS RepetitionTime
00180081 DS EchoTime
00180086 IS EchoNumbers
00180088 DS SpacingBetweenSlices
00181020 LO SoftwareVersions
00181030 LO ProtocolName
00181060 DS TriggerTime
00181063 DS FrameTime
00181065 DS FrameTimeVector
00181151 IS XRayTubeCurrent
00181164 DS ImagerPixelSpacing
00181210 SH ConvolutionKernel
00185100 CS PatientPosition
00185101 CS ViewPosition
00186011 SQ SequenceOfUltrasoundRegions
00186018 UL RegionLocationMinX0
0018601A UL RegionLocationMinY0
0018601C UL RegionLocationMaxX1
0018601E UL RegionLocationMaxY1
00189005 SH PulseSequenceName
00189073 FD AcquisitionDuration
00189074 DT FrameAcquisitionDateTime
00189114 SQ MREchoSequence
00189151 DT FrameReferenceDateTime
0020000D UI StudyInstanceUID
0020000E UI SeriesInstanceUID
00200010 SH StudyID
00200011 IS SeriesNumber
00200012 IS AcquisitionNumber
00200013 IS InstanceNumber
00200020 CS PatientOrientation
00200032 DS ImagePositionPatient
00200037 DS ImageOrientationPatient
00200052 UI FrameOfReferenceUID
00200060 CS Laterality
00200100 IS TemporalPositionIdentifier
00200105 IS NumberOfTemporalPositions
00200110 DS TemporalResolution
00201002 IS ImagesInAcquisition
00201040 LO PositionReferenceIndicator
00201041 DS SliceLocation
00204000 LT ImageComments
00209056 SH StackID
00209057 UL InStackPositionNumber
00209111 SQ FrameContentSequence
00209113 SQ PlanePositionSequence
00209116 SQ PlaneOrientationSequence
00209128 UL TemporalPositionIndex
00209153 FD NominalCardiacTriggerDelayTime
00209156 US FrameAcquisitionNumber
00209157 UL DimensionIndexValues
00209161 UI ConcatenationUID
00209162 US InConcatenationNumber
00209163 US InConcatenationTotalNumber
00209164 UI DimensionOrganizationUID
00209165 AT DimensionIndexPointer
00209167 AT FunctionalGroupPointer
00209221 SQ DimensionOrganizationSequence
00209222 SQ DimensionIndexSequence
00209228 UL ConcatenationFrameOffsetNumber
00209311 CS DimensionOrganizationType
00280002 US SamplesPerPixel
00280003 US SamplesPerPixelUsed
00280004 CS PhotometricInterpretation
00280006 US PlanarConfiguration
00280008 IS NumberOfFrames
00280009 AT FrameIncrementPointer
00280010 US Rows
00280011 US Columns
00280014 US UltrasoundColorDataPresent
00280030 DS PixelSpacing
00280034 IS PixelAspectRatio
00280051 CS CorrectedImage
00280100 US BitsAllocated
00280101 US BitsStored
00280102 US HighBit
00280103 US PixelRepresentation
00280106 XS SmallestImagePixelValue
00280107 XS LargestImagePixelValue
00280120 XS PixelPaddingValue
00280121 XS PixelPaddingRangeLimit
00280122 FL FloatPixelPaddingValue
00280123 FD DoubleFloatPixelPaddingValue
00280124 FL FloatPixelPaddingRangeLimit
00280125 FD DoubleFloatPixelPaddingRangeLimit
00280301 CS BurnedInAnnotation
00280303 CS LongitudinalTemporalInformationModified
00281050 DS WindowCenter
00281051 DS WindowWidth
00281052 DS RescaleIntercept
00281053 DS RescaleSlope
00281054 LO RescaleType
00281055 LO WindowCenterWidthExplanation
00281056 CS VOILUTFunction
00281090 CS RecommendedViewingMode
00281101 XS RedPaletteColorLookupTableDescriptor
00281102 XS GreenPaletteColorLookupTableDescriptor
00281103 XS BluePaletteColorLookupTableDescriptor
00281199 UI PaletteColorLookupTableUID
00281201 OW RedPaletteColorLookupTableData
00281202 OW GreenPaletteColorLookupTableData
00281203 OW BluePaletteColorLookupTableData
00281221 OW SegmentedRedPaletteColorLookupTableData
00281222 OW SegmentedGreenPaletteColorLookupTableData
00281223 OW SegmentedBluePaletteColorLookupTableData
00282000 OB ICCProfile
00282110 CS LossyImageCompression
00282112 DS LossyImageCompressionRatio
00282114 CS LossyImageCompressionMethod
00283000 SQ ModalityLUTSequence
00283002 XS LUTDescriptor
00283003 LO LUTExplanation
00283004 LO ModalityLUTType
00283006 OW LUTData
00283010 SQ VOILUTSequence
00289110 SQ PixelMeasuresSequence
00289132 SQ FrameVOILUTSequence
00289145 SQ PixelValueTransformationSequence
00400244 DA PerformedProcedureStepStartDate
00400555 SQ AcquisitionContextSequence
0040072A DS XOffsetInSlideCoordinateSystem
0040073A DS YOffsetInSlideCoordinateSystem
0040074A DS ZOffsetInSlideCoordinateSystem
00400512 LO ContainerIdentifier
0040A043 SQ ConceptNameCodeSequence
00480001 FL ImagedVolumeWidth
00480002 FL ImagedVolumeHeight
00480003 FL ImagedVolumeDepth
00480006 UL TotalPixelMatrixColumns
00480007 UL TotalPixelMatrixRows
00480008 SQ TotalPixelMatrixOriginSequence
00480010 CS SpecimenLabelInImage
00480011 CS FocusMethod
00480012 CS ExtendedDepthOfField
00480102 DS ImageOrientationSlide
00480105 SQ OpticalPathSequence
00480106 SH OpticalPathIdentifier
00480207 SQ OpticalPathIdentificationSequence
0048021A SQ PlanePositionSlideSequence
0048021E SL ColumnPositionInTotalImagePixelMatrix
0048021F SL RowPositionInTotalImagePixelMatrix
00540010 US EnergyWindowVector
00540011 US NumberOfEnergyWindows
00540020 US DetectorVector
00540021 US NumberOfDetectors
00540080 US SliceVector
00540081 US NumberOfSlices
00541000 CS SeriesType
00541001 CS Units
00541002 CS CountsSource
00541101 CS AttenuationCorrectionMethod
00541102 CS DecayCorrection
00541300 DS FrameReferenceTime
00541330 US ImageIndex
00620001 CS SegmentationType
00620002 SQ SegmentSequence
00620003 SQ SegmentedPropertyCategoryCodeSequence
00620004 US SegmentNumber
00620005 LO SegmentLabel
00620008 CS SegmentAlgorithmType
0062000A SQ SegmentIdentificationSequence
0062000B US ReferencedSegmentNumber
0062000D US RecommendedDisplayCIELabValue
0062000F SQ SegmentedPropertyTypeCodeSequence
00700080 CS ContentLabel
00700081 LO ContentDescription
00700084 PN ContentCreatorName
20500020 CS PresentationLUTShape
30040002 CS DoseUnits
30040004 CS DoseType
3004000A CS DoseSummationType
3004000C DS GridFrameOffsetVector
3004000E DS DoseGridScaling
52009229 SQ SharedFunctionalGroupsSequence
52009230 SQ PerFrameFunctionalGroupsSequence
60000010 US OverlayRows
60000011 US OverlayColumns
60000040 CS OverlayType
60000050 SS OverlayOrigin
60000100 US OverlayBitsAllocated
60000102 US OverlayBitPosition
60003000 OW OverlayData
7FE00001 OV ExtendedOffsetTable
7FE00002 OV ExtendedOffsetTableLengths
7FE00008 OF FloatPixelData
7FE00009 OD DoubleFloatPixelData
7FE00010 OX PixelData
FFFCFFFC OB DataSetTrailingPadding
`;

/** @type {Map<string, {tag: number, vr: string}>} */
const entries = new Map();
for (const line of TABLE.trim().split('\n')) {
  const [tag = '', vr = '', keyword = ''] = line.split(' ');
  if (tag.length === 8) entries.set(keyword, { tag: Number.parseInt(tag, 16), vr });
}

const byTag = new Map([...entries.values()].map((entry) => [entry.tag, entry]));

/** Every keyword the generator knows. */
export const keywords = Object.freeze([...entries.keys()]);

/**
 * The tag as a number (0xGGGGEEEE) and the VR of a keyword or of a tag in eight hexadecimal digits.
 * `XS` stands for "US or SS by Pixel Representation", `OX` for "OB or OW by the value", '' for an unknown VR.
 *
 * @type {typeof import('./index.d.ts').lookUp}
 */
export function lookUp(keywordOrTag) {
  const known = entries.get(keywordOrTag);
  if (known !== undefined) return known;
  if (/^[0-9a-fA-F]{8}$/.test(keywordOrTag)) {
    const tag = Number.parseInt(keywordOrTag, 16);
    return byTag.get(tag) ?? { tag, vr: '' };
  }
  throw new RangeError(
    `Expected a keyword of the generator's dictionary or a tag GGGGEEEE, received "${keywordOrTag}".`,
  );
}
