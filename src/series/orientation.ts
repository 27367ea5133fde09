import { normalOf } from '../dicom/header/slice-normal.ts';
import type { Orientation, Vector3 } from '../types/instance.ts';
import type { Plane, SeriesOrientation } from '../types/series-info.ts';

/** A slice whose normal is within this angle of an axis counts as straight: 2.5 degrees. */
const straightCosine = Math.cos((2.5 * Math.PI) / 180);

/** The plane of a slice, its normal, and the direction along it in which slices are shown. */
export interface SlicePlane {
  readonly plane: Plane;
  readonly oblique: boolean;
  /**
   * Unit vector along the normal, in the order of showing: towards inferior for axial slices, towards posterior for
   * coronal, towards left for sagittal (patient coordinates: x to the left, y to posterior, z to the head; PS3.3 C.7.6.2.1.1).
   */
  readonly direction: Vector3;
}

/** Classifies Image Orientation (Patient) by the dominant axis of the slice normal. */
export function slicePlaneOf(orientation: Orientation): SlicePlane {
  const normal = normalOf(orientation);
  const [x, y, z] = normal.map(Math.abs) as [number, number, number];
  // Of equal components the later axis wins, so that the answer does not depend on rounding alone.
  const plane: Plane = z >= x - 1e-6 && z >= y - 1e-6 ? 'axial' : y >= x - 1e-6 ? 'coronal' : 'sagittal';
  const dominant = plane === 'axial' ? -normal[2] : plane === 'coronal' ? normal[1] : normal[0];
  const factor = dominant < 0 ? -1 : 1;
  return {
    plane,
    oblique: Math.abs(dominant) < straightCosine,
    direction: [normal[0] * factor, normal[1] * factor, normal[2] * factor],
  };
}

/** Millimetres along a direction. */
export function project(position: Vector3, direction: Vector3): number {
  return position[0] * direction[0] + position[1] * direction[1] + position[2] * direction[2];
}

/** The name in reports. */
export function orientationName(plane: SlicePlane): SeriesOrientation {
  return plane.oblique ? `oblique-${plane.plane}` : plane.plane;
}
