import { isJsonObject } from './dicom-json.ts';

type Item = Readonly<Record<string, unknown>>;

/** Deeper than any image's tables lie. */
const DEEPEST_ITEM = 8;
const MODALITY_LUT_SEQUENCE = '00283000';
const VOI_LUT_SEQUENCE = '00283010';
const LUT_DESCRIPTOR = '00283002';
const LUT_DATA = '00283006';

/** Palette Color Lookup Table Descriptor, Data and Segmented Data of one colour. */
const PALETTES = ['1', '2', '3'].map((colour) => ({
  descriptor: `0028110${colour}`,
  data: [`0028120${colour}`, `0028122${colour}`],
}));

/** Items of an attribute that is a sequence. */
function itemsOf(attribute: unknown): readonly Item[] {
  if (!isJsonObject(attribute) || attribute['vr'] !== 'SQ') return [];
  const value = attribute['Value'];
  return Array.isArray(value) ? (value as readonly unknown[]).filter(isJsonObject) : [];
}

function firstOf(attribute: unknown): unknown {
  const value = isJsonObject(attribute) ? attribute['Value'] : undefined;
  return Array.isArray(value) ? (value as readonly unknown[])[0] : undefined;
}

/**
 * Whether tables that the picture needs are there in part only. Some servers leave out attributes whose VR they cannot
 * tell ("US or SS", which is all that Implicit VR says): the descriptors of lookup tables and palettes. Without them the
 * image would be shown, and in other greys than it should.
 */
export function lacksTables(instance: Item): boolean {
  const isPalette = firstOf(instance['00280004']) === 'PALETTE COLOR';
  const isHalf = PALETTES.some(({ descriptor, data }) => {
    const hasData = data.some((name) => name in instance);
    return (isPalette || hasData || descriptor in instance) && !(hasData && descriptor in instance);
  });
  return isHalf || lacksOverlay(instance) || lacksLookupTable(instance, 0);
}

function lacksLookupTable(item: Item, depth: number): boolean {
  if (depth > DEEPEST_ITEM) return false;
  return Object.entries(item).some(([name, attribute]) => {
    const isTable = name === MODALITY_LUT_SEQUENCE || name === VOI_LUT_SEQUENCE;
    return itemsOf(attribute).some((each) =>
      isTable ? !(LUT_DESCRIPTOR in each && LUT_DATA in each) : lacksLookupTable(each, depth + 1),
    );
  });
}

/** An overlay plane of its own (PS3.3 C.9.2) without its bits; those in unused bits of the pixel data have none. */
function lacksOverlay(instance: Item): boolean {
  return Object.keys(instance).some((name) => {
    if (!/^60[01][02468ace]0010$/i.test(name)) return false;
    const group = name.slice(0, 4);
    const bitsAllocated = Number(firstOf(instance[`${group}0100`]) ?? 1);
    return bitsAllocated === 1 && !(`${group}3000` in instance);
  });
}
