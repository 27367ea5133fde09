import type { Orientation, Vector3 } from '../../types/instance.ts';

/** The slice normal: the cross product of the row and the column direction, with a length of 1 (PS3.3 C.7.6.2.1.1). */
export function normalOf(orientation: Orientation): Vector3 {
  const [rx, ry, rz, cx, cy, cz] = orientation;
  const normal: Vector3 = [ry * cz - rz * cy, rz * cx - rx * cz, rx * cy - ry * cx];
  const length = Math.hypot(...normal);
  return length === 0 ? normal : [normal[0] / length, normal[1] / length, normal[2] / length];
}
