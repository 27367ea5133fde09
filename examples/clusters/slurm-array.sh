#!/bin/bash
# An atlas as a Slurm array: each task does its part. Submit it, and then the end of the work:
#
#   job=$(sbatch --parsable slurm-array.sh /archive /shared/atlas)
#   sbatch --dependency="afterany:$job" --wrap "dicom-series-preview atlas finish /shared/atlas"
#
# Submitting it again does what is missing. A task should have about 1,000 series; not more than 50 tasks run at a time.
#SBATCH --job-name=atlas
#SBATCH --array=1-200%50
#SBATCH --cpus-per-task=4
#SBATCH --mem=4G
#SBATCH --time=08:00:00
#SBATCH --requeue
#SBATCH --output=atlas-%A-%a.log
set -euo pipefail
source="$1"
out="$2"
shift 2

# The exit code 6 says that some series failed: they are rows of the manifest, with the reason.
dicom-series-preview atlas build "$source" "$out" "$@" \
  --shard "auto/$SLURM_ARRAY_TASK_COUNT" --processes "$SLURM_CPUS_PER_TASK" --memory 3500MB || [ $? -eq 6 ]
