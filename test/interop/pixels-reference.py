"""Decodes DICOM files with pydicom and writes what test/interop/pixels-pydicom.test.ts compares with.

usage: pixels-reference.py OUTPUT_FOLDER FILE...

Writes OUTPUT_FOLDER/index.json: a list of objects with the attributes as stored, and beside it N.stored (stored values of
the first frame, little endian) and N.display (float64: pydicom's modality LUT, VOI LUT and colour look-up, scaled to 0..255). Files made here, for what no file
given holds, are written into the folder too.
"""

import base64
import json
import os
import sys
import warnings

import numpy as np
import pydicom
from pydicom.pixel_data_handlers.util import (
    apply_color_lut,
    apply_modality_lut,
    apply_voi,
    apply_windowing,
    convert_color_space,
)

warnings.simplefilter("ignore")


def table(item):
    data = item.LUTData
    if not isinstance(data, bytes):
        data = np.asarray(data if isinstance(data, (list, pydicom.multival.MultiValue)) else [data], "<u2").tobytes()
    return {"descriptor": [int(v) for v in item.LUTDescriptor], "data": base64.b64encode(data).decode()}


def palette(ds):
    channels = {}
    for name in ("Red", "Green", "Blue"):
        plain = ds.get(f"{name}PaletteColorLookupTableData")
        segmented = ds.get(f"Segmented{name}PaletteColorLookupTableData")
        channels[name.lower()] = {
            "descriptor": [int(v) for v in ds[f"{name}PaletteColorLookupTableDescriptor"].value],
            "data": base64.b64encode(plain if plain is not None else segmented).decode(),
            "segmented": plain is None,
        }
    return channels


def numbers(ds, name):
    value = ds.get(name)
    if value is None or value == "":
        return []
    return [float(v) for v in (value if isinstance(value, pydicom.multival.MultiValue) else [value])]


def display_grey(ds, stored, entry):
    values = apply_modality_lut(stored, ds)
    if entry["voiTables"]:
        out = apply_voi(values.astype(np.int64), ds).astype(np.float64)
        bits = int(ds.VOILUTSequence[0].LUTDescriptor[2])
        return np.clip(out / (2**bits - 1), 0, 1) * 255
    if not entry["windows"]:
        return None
    zero_one = pydicom.Dataset()
    for name in ("WindowCenter", "WindowWidth", "VOILUTFunction"):
        if name in ds:
            setattr(zero_one, name, ds[name].value)
    # 1 bit and no rescale make pydicom's output range 0..1.
    zero_one.PhotometricInterpretation = "MONOCHROME2"
    zero_one.BitsStored = 1
    zero_one.PixelRepresentation = 0
    return apply_windowing(values.astype(np.float64), zero_one) * 255


def display_colour(ds, stored):
    photometric = ds.PhotometricInterpretation
    if photometric == "PALETTE COLOR":
        out = apply_color_lut(stored, ds).astype(np.float64)
        bits = 8 if out.max() < 256 else 16
        return out / (2**bits - 1) * 255
    if photometric in ("YBR_FULL", "YBR_FULL_422"):
        if ds.BitsAllocated != 8 or ds.file_meta.TransferSyntaxUID.is_compressed:
            return None
        return convert_color_space(stored, "YBR_FULL", "RGB").astype(np.float64)
    if photometric == "RGB":
        return stored.astype(np.float64) / (2**ds.BitsStored - 1) * 255
    return None


def made(folder):
    """Transforms that real files seldom have; values run over the whole 12-bit range."""

    def lut(descriptor, entries, signed):
        item = pydicom.Dataset()
        item.add_new(0x00283002, "SS" if signed else "US", descriptor)
        item.add_new(0x00283006, "OW", np.asarray(entries, "<u2").tobytes())
        return pydicom.Sequence([item])

    def base(name, signed, photometric="MONOCHROME2", **attributes):
        ds = pydicom.Dataset()
        ds.file_meta = pydicom.dataset.FileMetaDataset()
        ds.file_meta.TransferSyntaxUID = pydicom.uid.ExplicitVRLittleEndian
        ds.file_meta.MediaStorageSOPClassUID = "1.2.840.10008.5.1.4.1.1.2"
        ds.file_meta.MediaStorageSOPInstanceUID = "1.2.3.4"
        ds.SOPClassUID, ds.SOPInstanceUID, ds.Modality = "1.2.840.10008.5.1.4.1.1.2", "1.2.3.4", "CT"
        ds.Rows, ds.Columns, ds.SamplesPerPixel, ds.PhotometricInterpretation = 64, 64, 1, photometric
        ds.BitsAllocated, ds.BitsStored, ds.HighBit, ds.PixelRepresentation = 16, 12, 11, int(signed)
        values = np.arange(4096) - (2048 if signed else 0)
        ds.PixelData = values.astype("<i2" if signed else "<u2").tobytes()
        for keyword, value in attributes.items():
            setattr(ds, keyword, value)
        ds.is_little_endian, ds.is_implicit_VR = True, False
        path = os.path.join(folder, "made-" + name + ".dcm")
        ds.save_as(path, write_like_original=False)
        return path

    window = {"WindowCenter": 40, "WindowWidth": 400}
    curve = (4095 * (np.arange(1000) / 999) ** 2).astype(int)
    yield base("linear", True, **window)
    yield base("rescaled", False, RescaleSlope="0.37", RescaleIntercept="-500.5", **window)
    yield base("negative-slope", True, RescaleSlope="-2", RescaleIntercept="7", **window)
    yield base("exact", True, VOILUTFunction="LINEAR_EXACT", **window)
    yield base("sigmoid", True, VOILUTFunction="SIGMOID", **window)
    yield base("threshold", True, WindowCenter=100, WindowWidth=1)
    yield base("inverse", True, "MONOCHROME1", **window)
    yield base("shape", True, PresentationLUTShape="INVERSE", **window)
    yield base("voi-lut", True, VOILUTSequence=lut([1000, -500, 12], curve, True))
    yield base("voi-lut-8", False, VOILUTSequence=lut([256, 1000, 8], np.arange(256), False))
    yield base("modality-lut", True, ModalityLUTSequence=lut([1000, -500, 16], curve, True), WindowCenter=2000, WindowWidth=3000)
    palette = {}
    for keyword, step in (("Red", 16), ("Green", 7), ("Blue", 1)):
        palette[keyword + "PaletteColorLookupTableDescriptor"] = [4096, 0, 16]
        palette[keyword + "PaletteColorLookupTableData"] = (np.arange(4096) * step).astype("<u2").tobytes()
    yield base("palette", False, "PALETTE COLOR", **palette)
    segmented = {}
    for keyword, top in (("Red", 65535), ("Green", 40000), ("Blue", 60)):
        segmented[keyword + "PaletteColorLookupTableDescriptor"] = [4096, 0, 16]
        segments = [0, 1, 9, 1, 2047, top, 0, 3, 1, 2, 3, 1, 2045, 500]
        segmented["Segmented" + keyword + "PaletteColorLookupTableData"] = np.asarray(segments, "<u2").tobytes()
    yield base("segmented", False, "PALETTE COLOR", **segmented)


def masked(ds, array):
    """Bits beyond Bits Stored, which pydicom leaves in, are not part of the value."""
    if array.dtype.kind == "f":
        return array
    wide = array.astype(np.int64) >> (int(ds.HighBit) + 1 - int(ds.BitsStored))
    wide &= (1 << int(ds.BitsStored)) - 1
    if ds.PixelRepresentation == 1:
        wide -= (wide >> (int(ds.BitsStored) - 1)) << int(ds.BitsStored)
    return wide.astype(array.dtype)


def one(path):
    ds = pydicom.dcmread(path)
    array = ds.pixel_array
    if not ds.file_meta.TransferSyntaxUID.is_compressed:
        array = masked(ds, array)
    if int(ds.get("NumberOfFrames") or 1) > 1:
        array = array[0]
    samples = int(ds.SamplesPerPixel)
    entry = {
        "path": path,
        "modality": str(ds.get("Modality", "")),
        "rows": int(ds.Rows),
        "columns": int(ds.Columns),
        "samplesPerPixel": samples,
        "bitsStored": int(ds.BitsStored),
        "pixelRepresentation": int(ds.PixelRepresentation),
        "compressed": bool(ds.file_meta.TransferSyntaxUID.is_compressed),
        "littleEndian": bool(ds.is_little_endian),
        "photometricInterpretation": str(ds.PhotometricInterpretation).replace("YBR_FULL_422", "YBR_FULL"),
        "type": array.dtype.name,
        "slope": float(ds.get("RescaleSlope", 1)),
        "intercept": float(ds.get("RescaleIntercept", 0)),
        "modalityTable": table(ds.ModalityLUTSequence[0]) if ds.get("ModalityLUTSequence") else None,
        "voiTables": [table(item) for item in ds.get("VOILUTSequence") or []],
        "windows": list(zip(numbers(ds, "WindowCenter"), numbers(ds, "WindowWidth"))),
        "function": str(ds.get("VOILUTFunction", "LINEAR")),
        "shape": str(ds.get("PresentationLUTShape", "")),
        "palette": palette(ds) if "RedPaletteColorLookupTableDescriptor" in ds else None,
    }
    grey = samples == 1 and entry["palette"] is None
    display = display_grey(ds, array, entry) if grey else display_colour(ds, array)
    if display is None or array.size > 6_000_000:
        return None
    return entry, np.ascontiguousarray(array.astype(array.dtype.newbyteorder("<"))), display.astype("<f8")


def main():
    folder, paths = sys.argv[1], sys.argv[2:]
    index = []
    for path in [*made(folder), *paths]:
        try:
            found = one(path)
        except Exception:  # Not every file can be decoded here: those are for other tests.
            continue
        if found is None:
            continue
        entry, stored, display = found
        entry["name"] = str(len(index))
        stored.tofile(os.path.join(folder, entry["name"] + ".stored"))
        display.tofile(os.path.join(folder, entry["name"] + ".display"))
        index.append(entry)
    with open(os.path.join(folder, "index.json"), "w", encoding="utf-8") as file:
        json.dump(index, file)


main()
