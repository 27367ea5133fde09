"""Cuts the frames out of DICOM objects with pydicom: a JSON list of files on stdin, bytes and an index into a folder."""
import json
import sys

import numpy
import pydicom
from pydicom.encaps import generate_pixel_data_frame

folder, with_reference = sys.argv[1], sys.argv[2] == "true"
out = open(folder + "/bytes", "wb")
index = []


def put(data):
    offset = out.tell()
    out.write(data)
    return {"offset": offset, "length": len(data)}


for path in json.load(sys.stdin):
    entry = {"path": path, "uid": "", "description": None, "frames": [], "bigEndian": False, "reference": None, "problem": None}
    index.append(entry)
    try:
        data = pydicom.dcmread(path, force=True)
        keyword = next((k for k in ("PixelData", "FloatPixelData", "DoubleFloatPixelData") if k in data), None)
        if keyword is None:
            raise ValueError("no pixel data")
        meta = getattr(data, "file_meta", None)
        uid = str(getattr(meta, "TransferSyntaxUID", "") or "")
        if not uid:
            uid = "1.2.840.10008.1.2.1" if not data.is_implicit_VR else "1.2.840.10008.1.2"
            if not data.is_little_endian:
                uid = "1.2.840.10008.1.2.2"
        entry["uid"] = uid
        allocated = int(data.BitsAllocated)
        entry["description"] = description = {
            "rows": int(data.Rows),
            "columns": int(data.Columns),
            "samplesPerPixel": int(data.get("SamplesPerPixel", 1)),
            "photometricInterpretation": str(data.get("PhotometricInterpretation", "MONOCHROME2")),
            "planarConfiguration": int(data.get("PlanarConfiguration", 0) or 0),
            "bitsAllocated": allocated,
            "bitsStored": int(data.get("BitsStored", allocated)),
            "highBit": int(data.get("HighBit", int(data.get("BitsStored", allocated)) - 1)),
            "pixelRepresentation": int(data.get("PixelRepresentation", 0) or 0),
            "kind": {"PixelData": "integer", "FloatPixelData": "float", "DoubleFloatPixelData": "double"}[keyword],
        }
        count = int(data.get("NumberOfFrames", 1) or 1)
        value = data[keyword].value
        entry["bigEndian"] = not data.is_little_endian and not (allocated <= 8 and data[keyword].VR == "OB")
        encapsulated = uid.startswith("1.2.840.10008.1.2.4.") or uid in ("1.2.840.10008.1.2.5", "1.2.840.10008.1.2.8.1", "1.2.840.10008.1.2.1.98")
        if encapsulated:
            for frame in list(generate_pixel_data_frame(value, count))[:count]:
                entry["frames"].append({**put(frame), "bitOffset": 0})
        else:
            samples = description["rows"] * description["columns"] * description["samplesPerPixel"]
            bits = samples * allocated
            if description["photometricInterpretation"] in ("YBR_FULL_422", "YBR_PARTIAL_422") and len(value) < count * bits // 8:
                bits = bits * 2 // 3
            for frame in range(count):
                first = frame * bits
                start = first // 8
                if entry["bigEndian"] and allocated <= 8:
                    start -= start % 2
                end = (first + bits + 7) // 8
                if entry["bigEndian"] and allocated <= 8:
                    end += end % 2
                entry["frames"].append({**put(value[start:end]), "bitOffset": first - start * 8})
        if with_reference:
            entry["reference"] = put(numpy.ascontiguousarray(data.pixel_array).tobytes())
    except Exception as error:  # noqa: BLE001
        entry["problem"] = f"{type(error).__name__}: {error}"

json.dump(index, open(folder + "/index.json", "w"))
