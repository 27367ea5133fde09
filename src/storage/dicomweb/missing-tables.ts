import { overlayElements, overlayGroups } from '../../dicom/header/overlay-groups.ts';
import { tags } from '../../dicom/tags.ts';
import { itemsOf, type JsonObject, jsonName, textOf } from './json-data-set.ts';

const sequencesOfTables = [tags.modalityLutSequence, tags.voiLutSequence].map(jsonName);
/** Functional groups, and the sequence in them that holds tables. */
const groupsWithTables = [
  tags.sharedFunctionalGroupsSequence,
  tags.perFrameFunctionalGroupsSequence,
  tags.frameVoiLutSequence,
].map(jsonName);
const lutDescriptor = jsonName(tags.lutDescriptor);
const lutData = jsonName(tags.lutData);
const photometricInterpretation = jsonName(tags.photometricInterpretation);

/** The attributes of a palette, colour by colour. */
const palettes = [
  [tags.redPaletteDescriptor, tags.redPaletteData, tags.segmentedRedPaletteData],
  [tags.greenPaletteDescriptor, tags.greenPaletteData, tags.segmentedGreenPaletteData],
  [tags.bluePaletteDescriptor, tags.bluePaletteData, tags.segmentedBluePaletteData],
].map(([descriptor = 0, ...data]) => ({ descriptor: jsonName(descriptor), data: data.map(jsonName) }));

const overlays = overlayGroups.map((group) => ({
  rows: jsonName(group + overlayElements.rows),
  bitsAllocated: jsonName(group + overlayElements.bitsAllocated),
  data: jsonName(group + overlayElements.data),
}));

/**
 * Whether the picture needs a table of which a part is missing. Some servers leave out attributes whose VR they cannot
 * tell: the descriptors of lookup tables and palettes are "US or SS", and Implicit VR does not say which. Without its
 * table, an image would be shown in wrong greys.
 */
export function lacksTables(instance: JsonObject): boolean {
  return lacksPalette(instance) || lacksOverlay(instance) || lacksLookupTable(instance);
}

function lacksPalette(instance: JsonObject): boolean {
  const isPalette = textOf(instance[photometricInterpretation]) === 'PALETTE COLOR';
  return palettes.some(({ descriptor, data }) => {
    const hasData = data.some((name) => name in instance);
    const hasDescriptor = descriptor in instance;
    return (isPalette || hasData || hasDescriptor) && !(hasData && hasDescriptor);
  });
}

function lacksLookupTable(item: JsonObject): boolean {
  const isHalf = sequencesOfTables.some((name) =>
    itemsOf(item[name]).some((table) => !(lutDescriptor in table && lutData in table)),
  );
  return isHalf || groupsWithTables.some((name) => itemsOf(item[name]).some(lacksLookupTable));
}

/** An overlay plane (PS3.3 C.9.2) without its bits. Planes in unused bits of the pixel data have none of their own. */
function lacksOverlay(instance: JsonObject): boolean {
  return overlays.some(({ rows, bitsAllocated, data }) => {
    if (!(rows in instance) || data in instance) return false;
    return Number(textOf(instance[bitsAllocated]) ?? 1) === 1;
  });
}
