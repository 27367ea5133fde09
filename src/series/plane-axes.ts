import type { EdgeLetters, Vector3 } from '../types/instance.ts';
import type { Plane } from '../types/series-info.ts';
import { edgeLetters } from './orientation-letters.ts';
import type { SliceStack } from './slice-stack.ts';

/** One of a stack's own axes, 0 (along rows), 1 (along columns) or 2 (across slices), and which way it runs on. */
export interface StackAxis {
  readonly axis: number;
  /** -1: against the direction of the stack's axis. */
  readonly sign: 1 | -1;
}

/** A plane through a stack, and how it is turned for showing. */
export interface ShownPlane {
  readonly plane: Plane;
  /** Across the plane, in the order in which slices are shown: towards the feet, posterior, or left. */
  readonly across: StackAxis;
  /** To the right of the picture: towards the patient's left, or in sagittal planes posterior. */
  readonly right: StackAxis;
  /** Down the picture: posterior in axial planes, else towards the feet. */
  readonly down: StackAxis;
  readonly letters: EdgeLetters;
  /** Whether the plane is turned by more than 2.5 degrees against the patient's axes. */
  readonly oblique: boolean;
}

/** The same bound as for series: see `orientation.ts`. */
const straightCosine = Math.cos((2.5 * Math.PI) / 180);

/** Ways to name three axes x, y and z. */
const namings = [
  [0, 1, 2],
  [0, 2, 1],
  [1, 0, 2],
  [1, 2, 0],
  [2, 0, 1],
  [2, 1, 0],
] as const;

/**
 * The three planes of a stack, axial, coronal and sagittal: those of the stack's own axes that are nearest to the
 * patient's, turned as radiologists look at them (patient coordinates: x to the left, y to posterior, z to the head;
 * PS3.3 C.7.6.2.1.1).
 */
export function shownPlanes({ axes }: Pick<SliceStack, 'axes'>): readonly ShownPlane[] {
  const closeness = (naming: readonly [number, number, number]): number =>
    naming.reduce<number>((sum, axis, patientAxis) => sum + Math.abs(axes[axis]?.[patientAxis] ?? 0), 0);
  const [x, y, z] = namings.reduce((best, each) => (closeness(each) > closeness(best) + 1e-9 ? each : best));
  const towards = (axis: number, patientAxis: number, positive: 1 | -1): StackAxis => ({
    axis,
    sign: (axes[axis]?.[patientAxis] ?? 0) * positive < 0 ? -1 : 1,
  });
  const left = towards(x, 0, 1);
  const posterior = towards(y, 1, 1);
  const feet = towards(z, 2, -1);
  const planes = [
    { plane: 'axial', across: feet, right: left, down: posterior },
    { plane: 'coronal', across: posterior, right: left, down: feet },
    { plane: 'sagittal', across: left, right: posterior, down: feet },
  ] as const;
  return planes.map((plane): ShownPlane => {
    const [rightward, downward] = [vectorOf(axes, plane.right), vectorOf(axes, plane.down)];
    const straight = [rightward, downward].every((vector) => Math.max(...vector.map(Math.abs)) >= straightCosine);
    return { ...plane, letters: edgeLetters([...rightward, ...downward]), oblique: !straight };
  });
}

function vectorOf(axes: SliceStack['axes'], { axis, sign }: StackAxis): Vector3 {
  const [x, y, z] = axes[axis] ?? [0, 0, 0];
  return [x * sign, y * sign, z * sign];
}
