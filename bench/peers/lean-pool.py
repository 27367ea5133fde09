#!/usr/bin/env python3
"""The same job as `atlas build` in a lean Python pool: processes that stay, each with 8 threads of its own.

    lean-pool.py OUT SERIES... [--processes 2] [--threads 8]

Each SERIES is a folder or the http URL of a listing. OUT gets a mosaic of each.
"""
import argparse
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from multiprocessing import Pool

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import lean

threads = None


def start(count):
    global threads
    threads = ThreadPoolExecutor(count)


def work(task):
    series, output = task
    lean.mosaic(lean.store_of(series), output, threads, 6, 128)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('out')
    parser.add_argument('series', nargs='+')
    parser.add_argument('--processes', type=int, default=2)
    parser.add_argument('--threads', type=int, default=8)
    options = parser.parse_args()
    os.makedirs(options.out, exist_ok=True)
    tasks = [(series, os.path.join(options.out, f'{index}.webp')) for index, series in enumerate(options.series)]
    with Pool(options.processes, start, (options.threads,)) as pool:
        pool.map(work, tasks, chunksize=1)


if __name__ == '__main__':
    main()
