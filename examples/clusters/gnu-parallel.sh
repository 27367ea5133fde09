#!/bin/bash
# An atlas on one machine, or on several by ssh, with GNU parallel.
#
#   ./gnu-parallel.sh SOURCE OUT [option of atlas build ...]
#   SHARDS=64 PARALLEL="--sshloginfile nodes.txt" ./gnu-parallel.sh s3://archive/ s3://previews/archive
#
# Each of the SHARDS parts of the work is one run. Running it again does what is missing.
set -euo pipefail
shards="${SHARDS:-8}"
jobs="${JOBS:-2}"
source="$1"
out="$2"
shift 2

# The exit code 6 says that some series failed: they are rows of the manifest, with the reason.
build() {
  local shard="$1"
  shift
  dicom-series-preview atlas build "$@" --shard "$shard" --quiet || [ $? -eq 6 ]
}
export -f build

# Many short parts even out what is easy and what is hard; two tries help where a machine was taken away.
seq "$shards" | parallel --will-cite --jobs "$jobs" --retries 2 --env build build "{}/$shards" "$source" "$out" "$@"
dicom-series-preview atlas finish "$out" || [ $? -eq 6 ]
