;; The loops over every stored value of a native frame. `npm run kernels` makes kernel-bytes.ts of this file.
;;
;; Memory, in bytes:
;;        0  a table of 65,536 grey levels, one for each bit pattern of 16 bits
;;   65,536  the sums of one row of boxes, 32 bits each: 8,192 of them
;;   98,304  stored values, 16 bits each (or words of 32 bits); results come after them
(module
  (memory (export "memory") 8)
  (global $sums i32 (i32.const 65536))
  (global $values i32 (i32.const 98304))

  ;; The bits that are set in any word. The length is a multiple of 16, and not 0.
  (func (export "setBits") (param $byteLength i32) (result i32)
    (local $at i32) (local $end i32) (local $seen v128)
    (local.set $at (global.get $values))
    (local.set $end (i32.add (local.get $at) (local.get $byteLength)))
    (loop $next
      (local.set $seen (v128.or (local.get $seen) (v128.load (local.get $at))))
      (local.set $at (i32.add (local.get $at) (i32.const 16)))
      (br_if $next (i32.lt_u (local.get $at) (local.get $end))))
    (call $anyLane (local.get $seen)))

  ;; The bits that differ from the bit below them in any word: an extended sign has no such bits above it.
  (func (export "differingBits") (param $byteLength i32) (result i32)
    (local $at i32) (local $end i32) (local $seen v128) (local $words v128)
    (local.set $at (global.get $values))
    (local.set $end (i32.add (local.get $at) (local.get $byteLength)))
    (loop $next
      (local.set $words (v128.load (local.get $at)))
      (local.set $seen
        (v128.or (local.get $seen) (v128.xor (local.get $words) (i32x4.shl (local.get $words) (i32.const 1)))))
      (local.set $at (i32.add (local.get $at) (i32.const 16)))
      (br_if $next (i32.lt_u (local.get $at) (local.get $end))))
    (call $anyLane (local.get $seen)))

  (func $anyLane (param $seen v128) (result i32)
    (i32.or
      (i32.or (i32x4.extract_lane 0 (local.get $seen)) (i32x4.extract_lane 1 (local.get $seen)))
      (i32.or (i32x4.extract_lane 2 (local.get $seen)) (i32x4.extract_lane 3 (local.get $seen)))))

  ;; Looks all values up and averages boxes of them, rounded half up. Each row of boxes gives `columns` bytes.
  (func (export "averageBoxes")
    (param $target i32) (param $columns i32) (param $rows i32) (param $boxWidth i32) (param $boxHeight i32)
    (local $source i32) (local $sumsEnd i32) (local $line i32)
    (local.set $source (global.get $values))
    (local.set $sumsEnd (i32.add (global.get $sums) (i32.shl (local.get $columns) (i32.const 2))))
    (loop $nextRow
      (memory.fill (global.get $sums) (i32.const 0) (i32.shl (local.get $columns) (i32.const 2)))
      (local.set $line (local.get $boxHeight))
      (loop $nextLine
        (local.set $source
          (if (result i32) (i32.eq (local.get $boxWidth) (i32.const 4))
            (then (call $addFours (local.get $source) (local.get $sumsEnd)))
            (else
              (if (result i32) (i32.eq (local.get $boxWidth) (i32.const 2))
                (then (call $addPairs (local.get $source) (local.get $sumsEnd)))
                (else (call $addBoxes (local.get $source) (local.get $sumsEnd) (local.get $boxWidth)))))))
        (br_if $nextLine (local.tee $line (i32.sub (local.get $line) (i32.const 1)))))
      (local.set $target
        (call $writeAverages
          (local.get $target) (local.get $sumsEnd) (i32.mul (local.get $boxWidth) (local.get $boxHeight))))
      (br_if $nextRow (local.tee $rows (i32.sub (local.get $rows) (i32.const 1))))))

  ;; Adds the boxes of one line to their sums; gives where the next line begins. The usual widths are written out: a loop over so
  ;; few values would cost as much as the work itself.
  (func $addFours (param $source i32) (param $sumsEnd i32) (result i32)
    (local $sum i32)
    (local.set $sum (global.get $sums))
    (loop $next
      (i32.store (local.get $sum)
        (i32.add
          (i32.load (local.get $sum))
          (i32.add
            (i32.add
              (i32.load8_u (i32.load16_u (local.get $source)))
              (i32.load8_u (i32.load16_u offset=2 (local.get $source))))
            (i32.add
              (i32.load8_u (i32.load16_u offset=4 (local.get $source)))
              (i32.load8_u (i32.load16_u offset=6 (local.get $source)))))))
      (local.set $source (i32.add (local.get $source) (i32.const 8)))
      (br_if $next
        (i32.lt_u (local.tee $sum (i32.add (local.get $sum) (i32.const 4))) (local.get $sumsEnd))))
    (local.get $source))

  (func $addPairs (param $source i32) (param $sumsEnd i32) (result i32)
    (local $sum i32)
    (local.set $sum (global.get $sums))
    (loop $next
      (i32.store (local.get $sum)
        (i32.add
          (i32.load (local.get $sum))
          (i32.add
            (i32.load8_u (i32.load16_u (local.get $source)))
            (i32.load8_u (i32.load16_u offset=2 (local.get $source))))))
      (local.set $source (i32.add (local.get $source) (i32.const 4)))
      (br_if $next
        (i32.lt_u (local.tee $sum (i32.add (local.get $sum) (i32.const 4))) (local.get $sumsEnd))))
    (local.get $source))

  (func $addBoxes (param $source i32) (param $sumsEnd i32) (param $boxWidth i32) (result i32)
    (local $sum i32) (local $inBox i32) (local $boxEnd i32)
    (local.set $sum (global.get $sums))
    (loop $nextBox
      (local.set $inBox (i32.load (local.get $sum)))
      (local.set $boxEnd (i32.add (local.get $source) (i32.shl (local.get $boxWidth) (i32.const 1))))
      (loop $next
        (local.set $inBox (i32.add (local.get $inBox) (i32.load8_u (i32.load16_u (local.get $source)))))
        (br_if $next
          (i32.lt_u (local.tee $source (i32.add (local.get $source) (i32.const 2))) (local.get $boxEnd))))
      (i32.store (local.get $sum) (local.get $inBox))
      (br_if $nextBox
        (i32.lt_u (local.tee $sum (i32.add (local.get $sum) (i32.const 4))) (local.get $sumsEnd))))
    (local.get $source))

  ;; Divides the sums, rounded half up. Gives where the next averages go.
  (func $writeAverages (param $target i32) (param $sumsEnd i32) (param $area i32) (result i32)
    (local $sum i32) (local $half i32)
    (local.set $sum (global.get $sums))
    (local.set $half (i32.shr_u (local.get $area) (i32.const 1)))
    (loop $next
      (i32.store8 (local.get $target)
        (i32.div_u (i32.add (i32.load (local.get $sum)) (local.get $half)) (local.get $area)))
      (local.set $target (i32.add (local.get $target) (i32.const 1)))
      (br_if $next
        (i32.lt_u (local.tee $sum (i32.add (local.get $sum) (i32.const 4))) (local.get $sumsEnd))))
    (local.get $target))
)
