#!/bin/sh
# The same job with DCMTK and ImageMagick: positions by dcmdump, images by dcmj2pnm, the mosaic by montage.
#
#     dcmtk.sh FOLDER OUTPUT [CENTER WIDTH]
#
# Axial series only: superior to inferior is z descending.
set -eu
series=$1
output=$2
center=${3:-40}
width=${4:-400}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# "z path" of every instance, the greatest z first.
dcmdump -q -s +F +P 0020,0032 "$series"/* | awk '
  /^# dcmdump/ { sub(/^# dcmdump[^:]*: /, ""); path = $0 }
  /\(0020,0032\)/ { match($0, /\[[^]]*\]/); split(substr($0, RSTART + 1, RLENGTH - 2), place, "\\"); print place[3], path }
' | sort -k1,1gr | cut -d' ' -f2- >"$work/ordered"

count=$(wc -l <"$work/ordered")
awk -v count="$count" -v tiles=36 '
  { path[NR - 1] = $0 }
  END {
    if (tiles > count) tiles = count
    for (tile = 0; tile < tiles; tile++) {
      printf "%03d %s\n", tile, path[int(tile * (count - 1) / (tiles > 1 ? tiles - 1 : 1) + 0.5)]
    }
  }' "$work/ordered" >"$work/chosen"

xargs -P 8 -L 1 sh -c 'exec dcmj2pnm --set-window "$1" "$2" --scale-x-size 128 "$4" "$0/$3.pgm"' "$work" "$center" "$width" <"$work/chosen"
montage "$work"/[0-9]*.pgm -tile 6x -geometry 128x128+0+0 -background black -quality 25 "$output"
