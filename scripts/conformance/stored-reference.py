"""Decodes the first frame of grey DICOM files with pydicom (and GDCM): a JSON list of paths on stdin.

Writes FOLDER/N.values (stored values as pydicom's array has them) and prints a line of JSON each: what the values are, or why
there are none.
"""
import json
import sys
import warnings

import numpy
import pydicom

warnings.simplefilter("ignore")
folder = sys.argv[1]


def first_frame(path):
    data = pydicom.dcmread(path, force=True)
    if int(data.get("SamplesPerPixel", 1)) != 1:
        raise ValueError("colour")
    values = data.pixel_array
    if int(data.get("NumberOfFrames", 1) or 1) > 1:
        values = values[0]
    if data.BitsAllocated > 1 and values.dtype.kind in "iu":
        # Shifted by High Bit, masked to Bits Stored, sign-extended (PS3.5 8.1.1).
        stored, unused = int(data.BitsStored), int(data.HighBit) + 1 - int(data.BitsStored)
        compressed = data.file_meta.TransferSyntaxUID.is_compressed if "TransferSyntaxUID" in data.get("file_meta", {}) else False
        values = values.astype(numpy.int64) >> (0 if compressed else unused)
        values &= (1 << stored) - 1
        if data.PixelRepresentation == 1:
            values -= (values >> (stored - 1)) << stored
        values = values.astype("<i4")
    else:
        values = values.astype("<f8" if values.dtype.kind == "f" else "<i4")
    return values


for number, path in enumerate(json.load(sys.stdin)):
    try:
        values = first_frame(path)
        with open(f"{folder}/{number}.values", "wb") as file:
            file.write(numpy.ascontiguousarray(values).tobytes())
        print(json.dumps({"type": values.dtype.kind, "count": int(values.size)}), flush=True)
    except Exception as error:  # noqa: BLE001
        print(json.dumps({"problem": f"{type(error).__name__}: {error}"}), flush=True)
