import { isJsonObject } from './dicom-json.ts';

type Item = Readonly<Record<string, unknown>>;

/** Modality LUT Sequence, VOI LUT Sequence. */
const LOOKUP_TABLES = ['00283000', '00283010'];
/** Shared and Per-Frame Functional Groups Sequence, and the Frame VOI LUT Sequence in them. */
const GROUPS_WITH_TABLES = ['52009229', '52009230', '00289132'];
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
  return isHalf || lacksOverlay(instance) || lacksLookupTable(instance);
}

function lacksLookupTable(item: Item): boolean {
  const isHalf = LOOKUP_TABLES.some((name) =>
    itemsOf(item[name]).some((table) => !(LUT_DESCRIPTOR in table && LUT_DATA in table)),
  );
  return isHalf || GROUPS_WITH_TABLES.some((name) => itemsOf(item[name]).some(lacksLookupTable));
}

/** An overlay plane of its own (PS3.3 C.9.2) without its bits; those in unused bits of the pixel data have none. */
function lacksOverlay(instance: Item): boolean {
  return Object.keys(instance).some((name) => {
    if (!name.startsWith('60') || !/^60[01][02468ace]0010$/i.test(name)) return false;
    const group = name.slice(0, 4);
    const bitsAllocated = Number(firstOf(instance[`${group}0100`]) ?? 1);
    return bitsAllocated === 1 && !(`${group}3000` in instance);
  });
}
