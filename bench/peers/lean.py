#!/usr/bin/env python3
"""The same job as `mosaic SERIES OUTPUT` in a lean Python script: pydicom, NumPy, Pillow and 8 threads.

    lean.py SERIES OUTPUT [--tiles 6] [--width 128] [--threads 8]

SERIES is a folder or the http URL of a listing (nginx's JSON). A header pass reads 5 KB of each instance (more where
they do not reach), instances are put in spatial order, evenly spaced ones are read whole, windowed, reduced by a box
and written as a WebP mosaic of quality 25. It prints one line of JSON with the milliseconds of each stage.
"""
import argparse
import http.client
import io
import json
import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote, urlsplit

import numpy
import pydicom
from PIL import Image

HEADER_BYTES = 5 * 1024
PLACE = ['ImagePositionPatient', 'ImageOrientationPatient', 'InstanceNumber', 'SOPInstanceUID']
NATIVE = {'1.2.840.10008.1.2', '1.2.840.10008.1.2.1', '1.2.840.10008.1.2.2', '1.2.840.10008.1.2.1.99'}
RLE = '1.2.840.10008.1.2.5'


class Folder:
    def __init__(self, path):
        self.path = path

    def list(self):
        return sorted(entry.name for entry in os.scandir(self.path) if entry.is_file())

    def read(self, name, length=None):
        with open(os.path.join(self.path, name), 'rb') as file:
            return file.read() if length is None else file.read(length)


class Web:
    """One connection a thread, kept alive."""

    def __init__(self, url):
        parts = urlsplit(url)
        self.host, self.port, self.path = parts.hostname, parts.port, parts.path
        self.local = threading.local()

    def get(self, path, headers):
        if not hasattr(self.local, 'connection'):
            self.local.connection = http.client.HTTPConnection(self.host, self.port)
        self.local.connection.request('GET', path, headers=headers)
        response = self.local.connection.getresponse()
        body = response.read()
        if response.status not in (200, 206):
            raise OSError(f'{response.status} for {path}')
        return body

    def list(self):
        entries = json.loads(self.get(self.path, {}))
        return sorted(entry['name'] for entry in entries if entry['type'] == 'file')

    def read(self, name, length=None):
        headers = {} if length is None else {'Range': f'bytes=0-{length - 1}'}
        return self.get(self.path + quote(name), headers)


def read_header(store, name):
    """The place of an instance from as few bytes as hold it."""
    length = HEADER_BYTES
    while True:
        data = store.read(name, length)
        try:
            header = pydicom.dcmread(io.BytesIO(data), stop_before_pixels=True, specific_tags=PLACE)
            position = numpy.array(header.ImagePositionPatient, dtype=float)
            return name, position, numpy.array(header.ImageOrientationPatient, dtype=float)
        except Exception:
            if len(data) < length:
                raise
            length *= 8


def in_spatial_order(headers):
    """Superior to inferior, anterior to posterior, right to left: by the dominant axis of the normal."""
    orientation = headers[0][2]
    normal = numpy.cross(orientation[:3], orientation[3:])
    axis = int(numpy.argmax(numpy.abs(normal)))
    sign = numpy.sign(normal[axis]) * (-1 if axis == 2 else 1)
    return [header[0] for header in sorted(headers, key=lambda header: sign * float(normal @ header[1]))]


def stored_values(dataset):
    if dataset.file_meta.TransferSyntaxUID in NATIVE:
        kind = ('u' if dataset.PixelRepresentation == 0 else 'i') + str(dataset.BitsAllocated // 8)
        order = '<' if dataset.is_little_endian else '>'
        return numpy.frombuffer(dataset.PixelData, dtype=order + kind, count=dataset.Rows * dataset.Columns).reshape(
            dataset.Rows, dataset.Columns
        )
    # GDCM for all but RLE, which pydicom's handler for GDCM does not take.
    dataset.decompress('rle' if dataset.file_meta.TransferSyntaxUID == RLE else 'gdcm')
    return dataset.pixel_array


def tile(store, name, width):
    dataset = pydicom.dcmread(io.BytesIO(store.read(name)))
    values = stored_values(dataset).astype(numpy.float32)
    slope, intercept = float(dataset.get('RescaleSlope', 1)), float(dataset.get('RescaleIntercept', 0))
    center, extent = dataset.get('WindowCenter', 40), dataset.get('WindowWidth', 400)
    center = float(center[0] if isinstance(center, pydicom.multival.MultiValue) else center)
    extent = float(extent[0] if isinstance(extent, pydicom.multival.MultiValue) else extent)
    # (slope * x + intercept - (center - 0.5)) / (width - 1) + 0.5, in one multiplication and one addition
    values *= 255 * slope / (extent - 1)
    values += 255 * ((intercept - (center - 0.5)) / (extent - 1) + 0.5)
    numpy.clip(values, 0, 255, out=values)
    rows, columns = values.shape
    factor = columns // width
    if columns == width * factor and rows % factor == 0:
        return values.reshape(rows // factor, factor, width, factor).mean(axis=(1, 3)).astype(numpy.uint8)
    height = max(1, round(rows * width / columns))
    return numpy.asarray(Image.fromarray(values.astype(numpy.uint8)).resize((width, height), Image.Resampling.BOX))


def mosaic(store, output, pool, tiles_a_side, width):
    """Makes one mosaic; returns the seconds at the end of each stage."""
    times = [time.perf_counter()]
    names = store.list()
    times.append(time.perf_counter())
    headers = list(pool.map(lambda name: read_header(store, name), names))
    ordered = in_spatial_order(headers)
    times.append(time.perf_counter())
    count = min(tiles_a_side**2, len(ordered))
    chosen = [ordered[round(index * (len(ordered) - 1) / max(1, count - 1))] for index in range(count)]
    tiles = list(pool.map(lambda name: tile(store, name, width), chosen))
    times.append(time.perf_counter())
    height = max(image.shape[0] for image in tiles)
    canvas = numpy.zeros((height * tiles_a_side, width * tiles_a_side), dtype=numpy.uint8)
    for index, image in enumerate(tiles):
        top, left = index // tiles_a_side * height, index % tiles_a_side * width
        canvas[top : top + image.shape[0], left : left + width] = image
    Image.fromarray(canvas).save(output, quality=25)
    times.append(time.perf_counter())
    return times


def store_of(series):
    return Web(series) if series.startswith('http') else Folder(series)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('series')
    parser.add_argument('output')
    parser.add_argument('--tiles', type=int, default=6)
    parser.add_argument('--width', type=int, default=128)
    parser.add_argument('--threads', type=int, default=8)
    options = parser.parse_args()
    with ThreadPoolExecutor(options.threads) as pool:
        times = mosaic(store_of(options.series), options.output, pool, options.tiles, options.width)
    stages = ['list', 'headers', 'tiles', 'encode']
    print(json.dumps({stage: round(1000 * (b - a), 2) for stage, a, b in zip(stages, times, times[1:])}))


if __name__ == '__main__':
    main()
