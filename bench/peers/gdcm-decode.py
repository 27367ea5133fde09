#!/usr/bin/env python3
"""Decodes the frames of DICOM files in full with GDCM, in this process, and prints the milliseconds that took.

    gdcm-decode.py FILE...
"""
import json
import sys
import time

import gdcm

total = 0.0
for path in sys.argv[1:]:
    reader = gdcm.ImageReader()
    reader.SetFileName(path)
    if not reader.Read():
        sys.exit(f'GDCM cannot read {path}')
    image = reader.GetImage()
    start = time.perf_counter()
    buffer = image.GetBuffer()
    total += time.perf_counter() - start
    if len(buffer) != image.GetBufferLength():
        sys.exit(f'GDCM decoded {len(buffer)} of {image.GetBufferLength()} bytes of {path}')
print(json.dumps({'decode': round(1000 * total, 2), 'frames': len(sys.argv) - 1}))
