"""Display values of DICOM files as pydicom's own functions give them: of the first and the last frame.

usage: conformance-reference.py OUTPUT_FOLDER FILE...

Writes OUTPUT_FOLDER/index.json, a list of objects {name, path, frame, rows, columns, samples, contrast, windowIndex,
tolerance (grey levels)}, and beside it NAME.display: float64, rows x columns x samples, 0..255; NaN where a pixel is
padding. Files made here, for what no given file holds, are written into the folder too. `contrast` is what has to be
asked for to get the same picture.
"""

import copy
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
TABLE_FIRST = {"CR", "DX", "MG", "IO", "PX", "RG"}
SLIDE = "1.2.840.10008.5.1.4.1.1.77.1.6"


class NotComparable(Exception):
    pass


def of_frame(ds, frame):
    """A data set whose top level says of this frame what its functional groups say."""
    flat = copy.copy(ds)
    groups = [ds.get("SharedFunctionalGroupsSequence") or [None]]
    per_frame = ds.get("PerFrameFunctionalGroupsSequence")
    if per_frame:
        groups.append([per_frame[frame]])
    for (group,) in ([g[0]] for g in groups):
        if group is None:
            continue
        for macro in ("PixelValueTransformationSequence", "FrameVOILUTSequence"):
            for item in group.get(macro) or []:
                for element in item:
                    flat[element.tag] = element
    return flat


def masked(ds, array):
    """Bits beyond Bits Stored, which pydicom leaves in, are not part of the value (PS3.5 8.1.1)."""
    if array.dtype.kind == "f" or ds.BitsAllocated == 1 or ds.file_meta.TransferSyntaxUID.is_compressed:
        return array
    wide = array.astype(np.int64) >> (int(ds.HighBit) + 1 - int(ds.BitsStored))
    wide &= (1 << int(ds.BitsStored)) - 1
    if ds.PixelRepresentation == 1:
        wide -= (wide >> (int(ds.BitsStored) - 1)) << int(ds.BitsStored)
    return wide.astype(array.dtype)


def padding(ds, stored):
    if "PixelPaddingValue" not in ds:
        return np.zeros(stored.shape, bool)
    ends = [int(ds.PixelPaddingValue), int(ds.get("PixelPaddingRangeLimit", ds.PixelPaddingValue))]
    return (stored >= min(ends)) & (stored <= max(ends))


def windowed(values, center, width, function, index=0):
    """0..1. One bit and no rescale make pydicom's output range that."""
    ds = pydicom.Dataset()
    ds.WindowCenter, ds.WindowWidth, ds.VOILUTFunction = center, width, function
    ds.PhotometricInterpretation, ds.BitsStored, ds.PixelRepresentation = "MONOCHROME2", 1, 0
    return apply_windowing(values.astype(np.float64), ds, index)


def one_value(ds, width):
    """Grey levels of one stored value: decoders of lossy JPEG may differ by that (inverse DCT, ISO/IEC 10918-2)."""
    lossy = ds.file_meta.TransferSyntaxUID in ("1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.51")
    return 255 * abs(float(ds.get("RescaleSlope", 1))) / float(width) if lossy else 0


def grey(ds, stored, entry):
    has_table = bool(ds.get("VOILUTSequence"))
    has_window = ds.get("WindowCenter") not in (None, "")
    is_angiography = ds.get("Modality") in ("XA", "RF") and ds.get("ModalityLUTSequence")
    values = stored if is_angiography else apply_modality_lut(stored, ds)
    if has_table and (ds.get("Modality") in TABLE_FIRST or not has_window):
        entry["contrast"] = "embedded"
        bits = int(ds.VOILUTSequence[0].LUTDescriptor[2])
        shown = np.clip(apply_voi(values.astype(np.int64), ds) / (2**bits - 1), 0, 1)
    elif has_window and entry["embedded"]:
        entry["contrast"] = "embedded"
        windows = len(ds.WindowCenter) if isinstance(ds.WindowCenter, pydicom.multival.MultiValue) else 1
        entry["windowIndex"] = windows
        shown = windowed(values, ds.WindowCenter, ds.WindowWidth, ds.get("VOILUTFunction", "LINEAR"), windows - 1)
        entry["tolerance"] = 1 + one_value(ds, ds.WindowWidth if windows == 1 else min(ds.WindowWidth))
    else:
        low, high = float(values.min()), float(values.max())
        whole = values.dtype.kind in "iu" or bool(np.all(values == np.floor(values)))
        width, center = (high - low + 1, (high + low + 1) / 2) if whole else (high - low, (high + low) / 2)
        width = max(width, 2 if whole else 1e-3)
        entry["contrast"] = f"{width!r},{center!r}"
        shown = windowed(values, center, width, "LINEAR" if whole else "LINEAR_EXACT")
        entry["tolerance"] = 1 + one_value(ds, width)
    shape = str(ds.get("PresentationLUTShape", ""))
    inverted = shape == "INVERSE" if shape in ("INVERSE", "IDENTITY") else ds.PhotometricInterpretation == "MONOCHROME1"
    out = (1 - shown if inverted else shown) * 255
    out[padding(ds, stored)] = np.nan
    return out


def colour(ds, stored):
    photometric = ds.PhotometricInterpretation
    if photometric == "PALETTE COLOR":
        out = apply_color_lut(stored, ds).astype(np.float64)
        return out / (255 if out.max() < 256 else 65535) * 255
    lossless = not ds.file_meta.TransferSyntaxUID.is_compressed or ds.file_meta.TransferSyntaxUID == pydicom.uid.RLELossless
    if photometric in ("YBR_FULL", "YBR_FULL_422") and ds.BitsAllocated == 8 and lossless:
        return convert_color_space(stored, "YBR_FULL", "RGB").astype(np.float64)
    if photometric == "RGB" and lossless:
        return stored.astype(np.float64) / (2**ds.BitsStored - 1) * 255
    raise NotComparable(photometric)


def show(path, embedded):
    ds = pydicom.dcmread(path)
    if ds.SOPClassUID == SLIDE or ds.Modality in ("SEG", "RTDOSE") or str(ds.get("PixelPresentation", "")) in ("COLOR", "MIXED"):
        raise NotComparable(ds.Modality)
    array = masked(ds, ds.pixel_array)
    count = int(ds.get("NumberOfFrames") or 1)
    for frame in sorted({0, count - 1}):
        stored = array[frame] if count > 1 else array
        entry = {"path": path, "frame": frame + 1, "rows": int(ds.Rows), "columns": int(ds.Columns), "embedded": embedded}
        entry["samples"] = 1 if int(ds.SamplesPerPixel) == 1 and ds.PhotometricInterpretation != "PALETTE COLOR" else 3
        flat = of_frame(ds, frame)
        yield entry, grey(flat, stored, entry) if entry["samples"] == 1 else colour(flat, stored)


def lut(descriptor, entries, signed):
    item = pydicom.Dataset()
    item.add_new(0x00283002, "SS" if signed else "US", descriptor)
    item.add_new(0x00283006, "OW", np.asarray(entries, "<u2").tobytes())
    return pydicom.Sequence([item])


def write(folder, name, pixels, modality="CT", syntax=pydicom.uid.ExplicitVRLittleEndian, **attributes):
    ds = pydicom.Dataset()
    ds.file_meta = pydicom.dataset.FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = syntax
    ds.SOPClassUID = "1.2.840.10008.5.1.4.1.1.7"
    ds.file_meta.MediaStorageSOPClassUID = ds.SOPClassUID
    ds.SOPInstanceUID = ds.file_meta.MediaStorageSOPInstanceUID = "2.25." + str(abs(hash(name)))
    ds.SeriesInstanceUID, ds.StudyInstanceUID, ds.Modality = "2.25.1", "2.25.2", modality
    ds.Rows, ds.Columns, ds.SamplesPerPixel, ds.PhotometricInterpretation = 64, 64, 1, "MONOCHROME2"
    ds.BitsAllocated, ds.BitsStored, ds.HighBit, ds.PixelRepresentation = 16, 12, 11, 0
    for keyword, value in attributes.items():
        setattr(ds, keyword, value)
    ds.is_little_endian = syntax != pydicom.uid.ExplicitVRBigEndian
    ds.is_implicit_VR = syntax == pydicom.uid.ImplicitVRLittleEndian
    ds.PixelData = pixels
    path = os.path.join(folder, "made-" + name + ".dcm")
    ds.save_as(path, write_like_original=False)
    return path


def made(folder):
    unsigned, signed = np.arange(4096), np.arange(4096) - 2048
    u2, i2 = unsigned.astype("<u2").tobytes(), signed.astype("<i2").tobytes()
    window = {"WindowCenter": 40, "WindowWidth": 400}
    is_signed = {"PixelRepresentation": 1}
    curve = (4095 * (np.arange(1000) / 999) ** 2).astype(int)
    yield write(folder, "windows", i2, **is_signed, WindowCenter=[40, -600, 700], WindowWidth=[400, 1500, 200])
    yield write(folder, "exact", i2, **is_signed, **window, VOILUTFunction="LINEAR_EXACT")
    yield write(folder, "sigmoid", i2, **is_signed, **window, VOILUTFunction="SIGMOID")
    yield write(folder, "threshold", i2, **is_signed, WindowCenter=100, WindowWidth=1)
    yield write(folder, "narrow", u2, RescaleSlope="0.001", RescaleIntercept="-1", WindowCenter=1, WindowWidth=2)
    yield write(folder, "negative-slope", i2, **is_signed, **window, RescaleSlope="-2", RescaleIntercept="7")
    yield write(folder, "monochrome1", i2, **is_signed, **window, PhotometricInterpretation="MONOCHROME1")
    yield write(folder, "monochrome1-identity", u2, WindowCenter=2000, WindowWidth=3000, PhotometricInterpretation="MONOCHROME1", PresentationLUTShape="IDENTITY")
    yield write(folder, "inverse", i2, **is_signed, **window, PresentationLUTShape="INVERSE")
    yield write(folder, "padding", i2, **is_signed, **window, PixelPaddingValue=-100)
    yield write(folder, "padding-range", i2, **is_signed, **window, PixelPaddingValue=-100, PixelPaddingRangeLimit=-2000)
    yield write(folder, "padding-monochrome1", u2, WindowCenter=2000, WindowWidth=3000, PhotometricInterpretation="MONOCHROME1", PixelPaddingValue=4000, PixelPaddingRangeLimit=4095)
    yield write(folder, "voi-lut", i2, **is_signed, VOILUTSequence=lut([1000, -500, 12], curve, True))
    yield write(folder, "voi-lut-and-window", u2, "DX", **window, VOILUTSequence=lut([1000, 1500, 12], curve, False))
    yield write(folder, "window-and-voi-lut", u2, "CT", **window, VOILUTSequence=lut([1000, 1500, 12], curve, False))
    yield write(folder, "modality-lut", i2, **is_signed, ModalityLUTSequence=lut([1000, -500, 16], curve, True), WindowCenter=2000, WindowWidth=3000)
    yield write(folder, "modality-and-voi-lut", u2, ModalityLUTSequence=lut([1000, 500, 16], curve, False), VOILUTSequence=lut([4096, 0, 12], np.arange(4096)[::-1], False))
    yield write(folder, "angiography", u2, "XA", ModalityLUTSequence=lut([1000, 500, 16], curve, False), WindowCenter=2000, WindowWidth=3000)
    # In the upper bits, and rubbish in the lower ones.
    yield write(folder, "high-bit", (unsigned * 16 + 5).astype("<u2").tobytes(), HighBit=15, WindowCenter=2000, WindowWidth=3000)
    yield write(folder, "high-bit-signed", ((signed << 2) & 0x3FFF).astype("<u2").tobytes(), **is_signed, **window, HighBit=13)
    rubbish = (unsigned | ((unsigned * 7 % 16) << 12)).astype("<u2").tobytes()
    yield write(folder, "rubbish-above", rubbish, WindowCenter=2000, WindowWidth=3000)
    yield write(folder, "implicit", i2, syntax=pydicom.uid.ImplicitVRLittleEndian, **is_signed, **window)
    yield write(folder, "big-endian", signed.astype(">i2").tobytes(), syntax=pydicom.uid.ExplicitVRBigEndian, **is_signed, **window)
    yield write(folder, "frames", np.concatenate([unsigned, unsigned[::-1], unsigned // 2]).astype("<u2").tobytes(), NumberOfFrames=3, WindowCenter=2000, WindowWidth=3000)
    eight = {"BitsAllocated": 8, "BitsStored": 8, "HighBit": 7}
    yield write(folder, "eight", (unsigned % 256).astype("u1").tobytes(), **eight, WindowCenter=100, WindowWidth=100)
    yield write(folder, "eight-signed", (unsigned % 256).astype("u1").tobytes(), **eight, **is_signed, WindowCenter=0, WindowWidth=100)
    wide = {"BitsAllocated": 32, "BitsStored": 32, "HighBit": 31}
    yield write(folder, "wide", (unsigned * 1000003).astype("<u4").tobytes(), **wide, WindowCenter=2000000000, WindowWidth=3000000000)
    yield write(folder, "wide-signed", (signed * 1000003).astype("<i4").tobytes(), **wide, **is_signed, WindowCenter=0, WindowWidth=3000000000)
    for name, bits, top in (("palette-16", 16, 65535), ("palette-8-in-words", 8, 255)):
        tables = {}
        for keyword, step in (("Red", 16), ("Green", 7), ("Blue", 1)):
            tables[keyword + "PaletteColorLookupTableDescriptor"] = [4096, 0, bits]
            tables[keyword + "PaletteColorLookupTableData"] = (unsigned * step * top // 65535).astype("<u2").tobytes()
        yield write(folder, name, u2, PhotometricInterpretation="PALETTE COLOR", **tables)
    tables = {}
    for keyword, step in (("Red", 1), ("Green", 7), ("Blue", 13)):
        tables[keyword + "PaletteColorLookupTableDescriptor"] = [200, 20, 8]
        tables[keyword + "PaletteColorLookupTableData"] = (np.arange(200) * step % 256).astype("u1").tobytes()
    yield write(folder, "palette-8", (unsigned % 256).astype("u1").tobytes(), **eight, PhotometricInterpretation="PALETTE COLOR", **tables)
    segmented = {}
    for keyword, top in (("Red", 65535), ("Green", 40000), ("Blue", 60)):
        segmented[keyword + "PaletteColorLookupTableDescriptor"] = [4096, 0, 16]
        segments = [0, 1, 9, 1, 2047, top, 0, 3, 1, 2, 3, 1, 2045, 500]
        segmented["Segmented" + keyword + "PaletteColorLookupTableData"] = np.asarray(segments, "<u2").tobytes()
    yield write(folder, "palette-segmented", u2, PhotometricInterpretation="PALETTE COLOR", **segmented)
    random = np.random.default_rng(7)
    rgb = random.integers(0, 256, (64, 64, 3), "u1")
    three = {"SamplesPerPixel": 3, "PlanarConfiguration": 0, "PhotometricInterpretation": "RGB"}
    by_plane = np.moveaxis(rgb, 2, 0).tobytes()
    yield write(folder, "rgb", rgb.tobytes(), "OT", **eight, **three)
    yield write(folder, "rgb-planes", by_plane, "OT", **eight, **{**three, "PlanarConfiguration": 1})
    yield write(folder, "ybr-full", rgb.tobytes(), "OT", **eight, **{**three, "PhotometricInterpretation": "YBR_FULL"})
    yield write(folder, "ybr-full-planes", by_plane, "OT", **eight, **{**three, "PhotometricInterpretation": "YBR_FULL", "PlanarConfiguration": 1})
    half = random.integers(0, 256, (64, 32, 4), "u1")
    yield write(folder, "ybr-full-422", half.tobytes(), "OT", **eight, **{**three, "PhotometricInterpretation": "YBR_FULL_422"})
    sixteen = {"BitsAllocated": 16, "BitsStored": 16, "HighBit": 15}
    words = random.integers(0, 65536, (2, 64, 64, 3)).astype("<u2")
    yield write(folder, "rgb-16-frames", words.tobytes(), "OT", NumberOfFrames=2, **sixteen, **three)


def main():
    folder, paths = sys.argv[1], sys.argv[2:]
    index = []
    files = [(path, embedded) for path in [*made(folder), *paths] for embedded in (True, False)]
    for path, embedded in files:
        try:
            for entry, display in show(path, embedded):
                if not embedded and entry.get("contrast", "embedded") == "embedded":
                    continue
                entry["name"] = str(len(index))
                np.ascontiguousarray(display).astype("<f8").tofile(os.path.join(folder, entry["name"] + ".display"))
                index.append(entry)
        except Exception:  # Not every file can be decoded here: those are for other tests.
            continue
    with open(os.path.join(folder, "index.json"), "w", encoding="utf-8") as file:
        json.dump(index, file)


main()
