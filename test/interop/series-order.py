"""Order of a series computed plainly from whole headers with pydicom: prints one JSON list of [file name, frame].

No code is shared with the package: normal by numpy's cross product, position by its dot product, then time.
"""
import json
import math
import os
import sys

import numpy
import pydicom
from pydicom.tag import Tag


def seconds(dataset, date_tag, time_tag):
    text = str(dataset.get(time_tag) or "")
    if len(text) < 6:
        return math.inf
    day = str(dataset.get(date_tag) or "")
    days = numpy.datetime64(f"{day[:4]}-{day[4:6]}-{day[6:8]}").astype(int) if len(day) == 8 else 0
    return float(days) * 86400 + int(text[:2]) * 3600 + int(text[2:4]) * 60 + float(text[4:])


def number(value):
    return math.inf if value in (None, "") else float(value)


def csa_value(raw, name):
    """Values of one element of a Siemens CSA2 header."""
    import struct
    at = 16
    for _ in range(struct.unpack_from("<I", raw, 8)[0]):
        found = raw[at:at + 64].split(b"\0")[0].decode()
        items = struct.unpack_from("<i", raw, at + 76)[0]
        at += 84
        values = []
        for _ in range(items):
            length = struct.unpack_from("<i", raw, at + 4)[0]
            at += 16
            values.append(raw[at:at + length].split(b"\0")[0].strip().decode())
            at += (length + 3) // 4 * 4
        if found == name:
            return [float(value) for value in values if value]
    return []


def members(path):
    """One entry a slice: its name, frame, position, orientation and the keys that decide at one place."""
    dataset = pydicom.dcmread(path, force=True, stop_before_pixels=True)
    name = os.path.basename(path)
    number_key = number(dataset.get("InstanceNumber"))
    temporal = number(dataset.get("TemporalPositionIdentifier"))
    trigger = number(dataset.get("TriggerTime"))
    times = [seconds(dataset, "AcquisitionDate", "AcquisitionTime"), seconds(dataset, "ContentDate", "ContentTime")]
    orientation = dataset.get("ImageOrientationPatient")
    orientation = None if orientation is None else [float(v) for v in orientation]
    position = dataset.get("ImagePositionPatient")
    position = None if position is None else [float(v) for v in position]
    image_type = list(dataset.get("ImageType") or [])
    places = [position]
    if "VFRAME" in image_type and Tag(0x00651051) in dataset:
        places = [[float(v) for v in item.ImagePositionPatient] for item in dataset[0x00651051].value]
    elif "MOSAIC" in image_type and Tag(0x00291010) in dataset:
        raw = dataset[0x00291010].value
        count = int(csa_value(raw, "NumberOfImagesInMosaic")[0])
        normal = numpy.array(csa_value(raw, "SliceNormalVector"))
        gap = float(dataset.get("SpacingBetweenSlices") or dataset.SliceThickness)
        # In the order of slices any common offset of the corner is the same for all.
        places = [list(numpy.array(position) + normal * gap * index) for index in range(count)]
    for frame, place in enumerate(places):
        yield {
            "name": name, "frame": frame + 1, "position": place, "orientation": orientation,
            "uid": str(dataset.SOPInstanceUID), "time": [temporal, trigger, *times], "number": number_key,
        }


def main(folder):
    paths = sorted(os.path.join(folder, name) for name in os.listdir(folder))
    seen, items = set(), []
    for path in paths:
        entries = list(members(path))
        if entries[0]["uid"] in seen:
            continue
        seen.add(entries[0]["uid"])
        items.extend(entries)
    groups = {}
    for item in items:
        if item["orientation"] is None or item["position"] is None:
            plane, place = 3, 0.0
        else:
            row, column = numpy.array(item["orientation"][:3]), numpy.array(item["orientation"][3:])
            normal = numpy.cross(row, column)
            axis = int(numpy.argmax(numpy.abs(normal)))
            plane = {2: 0, 1: 1, 0: 2}[axis]
            wanted = {2: -1.0, 1: 1.0, 0: 1.0}[axis]
            if normal[axis] * wanted < 0:
                normal = -normal
            place = float(numpy.dot(normal, item["position"]))
        groups.setdefault(plane, []).append((round(place, 2), item))
    result = []
    for plane in sorted(groups):
        ordered = sorted(
            groups[plane],
            key=lambda pair: (pair[0], *(pair[1]["time"] if plane < 3 else []), pair[1]["number"], pair[1]["name"],
                              pair[1]["frame"]),
        )
        result.extend([item["name"], item["frame"]] for _, item in ordered)
    json.dump(result, sys.stdout)


main(sys.argv[1])
