#!/bin/bash
# An atlas as an array of AWS Batch: each of SHARDS (2 to 10,000) child jobs does its part, on Spot too.
#
#   ./aws-batch-submit.sh QUEUE SOURCE OUT [filters and other options of atlas build]
#   ./aws-batch-submit.sh spot idc s3://previews/nlst "--collection nlst --modality CT"
#
# Set image, role and region in aws-batch-job-definition.json first. Submitting it again does what is missing. Then:
#   dicom-series-preview atlas finish OUT
set -euo pipefail
cd "$(dirname "$0")"
shards="${SHARDS:-100}"

aws batch register-job-definition --cli-input-json file://aws-batch-job-definition.json --query revision
aws batch submit-job --job-name atlas --job-definition atlas --job-queue "$1" \
  --array-properties "size=$shards" \
  --parameters "$(printf '{"source":"%s","out":"%s","shards":"%s","filters":"%s"}' "$2" "$3" "$shards" "${4:-}")"
