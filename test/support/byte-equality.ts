import { expect } from 'vitest';

/** Says that this file has been run: workers run it again before every test file. */
const isRegistered = Symbol.for('dicom-series-preview byte equality');

/**
 * Equal typed arrays are found equal by their bytes. `toEqual` alone compares element by element, which takes seconds for
 * a picture. Arrays that differ are left to it, so that it shows the difference.
 */
function equalBytes(first: unknown, second: unknown): true | undefined {
  if (!ArrayBuffer.isView(first) || !ArrayBuffer.isView(second) || first.constructor !== second.constructor) return;
  const [one, other] = [first, second].map((view) => Buffer.from(view.buffer, view.byteOffset, view.byteLength));
  return other !== undefined && one?.equals(other) === true ? true : undefined;
}

if (!Reflect.has(globalThis, isRegistered)) {
  Reflect.set(globalThis, isRegistered, true);
  expect.addEqualityTesters([equalBytes]);
}
