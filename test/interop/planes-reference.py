"""Planes through a series, by numpy on pydicom's values. Usage: planes-reference.py FOLDER REPORT.json OUT.npy-like raw

Writes one float32 array a plane (modality values; NaN where there is none), in the order and the sizes of the report.
Every pixel's centre is taken as a place in the patient and looked up there: nothing of the package's way is used.
"""
import json
import os
import sys

import numpy as np
import pydicom

folder, report_path, out_path = sys.argv[1:4]
report = json.load(open(report_path))["planes"]

slices = {}
for base, _, names in os.walk(folder):
    for name in sorted(names):
        try:
            ds = pydicom.dcmread(os.path.join(base, name))
            values = ds.pixel_array
        except Exception:
            continue
        position = np.array(ds.ImagePositionPatient, float)
        row, column = np.array(ds.ImageOrientationPatient[:3], float), np.array(ds.ImageOrientationPatient[3:], float)
        place = round(float(position @ np.cross(row, column)), 2)
        number = int(ds.get("InstanceNumber", 0))
        if place in slices and slices[place][0] <= number:
            continue
        modality = values.astype(float) * float(ds.get("RescaleSlope", 1)) + float(ds.get("RescaleIntercept", 0))
        spacing = [float(value) for value in ds.PixelSpacing]
        slices[place] = (number, position, row, column, spacing, modality)

ordered = [slices[place] for place in sorted(slices)]
_, _, row, column, (row_mm, column_mm), first = ordered[0]
normal = np.cross(row, column)
corners = np.array([position for _, position, *_ in ordered])
volume = np.array([values for *_, values in ordered])
depth = corners @ normal
rows, columns = first.shape


def axis_towards(direction):
    axes = [row, column, normal]
    best = max(axes, key=lambda axis: abs(axis @ direction))
    return best * np.sign(best @ direction)


left, posterior, feet = (axis_towards(np.array(d, float)) for d in ([1, 0, 0], [0, 1, 0], [0, 0, -1]))
directions = {"axial": (feet, left, posterior), "coronal": (posterior, left, feet), "sagittal": (left, posterior, feet)}
ends = np.concatenate(
    [corners + row * i * (columns - 1) * column_mm + column * j * (rows - 1) * row_mm for i in (0, 1) for j in (0, 1)]
)


def extent(axis):
    along = ends @ axis
    return along.min(), along.max()


def edges(axis):
    low, high = extent(axis)
    if abs(axis @ row) > 0.5:
        return low - column_mm / 2, high + column_mm / 2
    if abs(axis @ column) > 0.5:
        return low - row_mm / 2, high + row_mm / 2
    steps = np.diff(np.sort(depth))
    before, after = (steps[0], steps[-1]) if axis @ normal > 0 else (steps[-1], steps[0])
    return low - before / 2, high + after / 2


def sample_slice(index, points):
    """Bilinear in one slice; NaN outside."""
    relative = points - corners[index]
    x, y = relative @ row / column_mm, relative @ column / row_mm
    inside = (x >= -0.5) & (x <= columns - 0.5) & (y >= -0.5) & (y <= rows - 0.5)
    x, y = np.clip(x, 0, columns - 1), np.clip(y, 0, rows - 1)
    x0, y0 = np.minimum(np.floor(x).astype(int), columns - 2), np.minimum(np.floor(y).astype(int), rows - 2)
    fx, fy = x - x0, y - y0
    image = volume[index]
    value = (image[y0, x0] * (1 - fx) + image[y0, x0 + 1] * fx) * (1 - fy) + (
        image[y0 + 1, x0] * (1 - fx) + image[y0 + 1, x0 + 1] * fx
    ) * fy
    return np.where(inside, value, np.nan)


with open(out_path, "wb") as out:
    for plane in report["shown"]:
        across, right, down = directions[plane["plane"]]
        low, high = extent(across)
        at = low + plane["position"] * (high - low)
        x = np.mean(edges(right)) + (np.arange(plane["width"]) + 0.5 - plane["width"] / 2) * report["pixelMm"]
        y = np.mean(edges(down)) + (np.arange(plane["height"]) + 0.5 - plane["height"] / 2) * report["pixelMm"]
        points = across * at + right * x[None, :, None] + down * y[:, None, None]
        w = points @ normal
        after = np.clip(np.searchsorted(depth, w.ravel()).reshape(w.shape), 1, len(depth) - 1)
        share = np.clip((w - depth[after - 1]) / (depth[after] - depth[after - 1]), 0, 1)
        result = np.full(w.shape, np.nan)
        for index in range(1, len(depth)):
            where = after == index
            if where.any():
                one, other = sample_slice(index - 1, points[where]), sample_slice(index, points[where])
                result[where] = one * (1 - share[where]) + other * share[where]
        out.write(result.astype("<f4").tobytes())
