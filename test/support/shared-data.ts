import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The real data that lie beside a checkout; undefined where they are not there. */
export const sharedDicom: string | undefined = folderIfThere(
  fileURLToPath(new URL('../../../shared/dicom', import.meta.url)),
);

function folderIfThere(path: string): string | undefined {
  if (existsSync(path)) return path;
  console.log(`skipped: no real DICOM data beside the checkout (looked for ../shared/dicom)`);
  return undefined;
}

/** Names of the real series. */
export function sharedSeries(): readonly string[] {
  return sharedDicom === undefined ? [] : readdirSync(`${sharedDicom}/series`).sort();
}

/** The first Python that has pydicom and numpy; undefined, with a line that says so, where none has. */
export function findPython(modules: readonly string[] = ['pydicom', 'numpy']): string | undefined {
  for (const python of ['/usr/bin/python3', 'python3']) {
    if (succeeds(python, ['-c', modules.map((name) => `import ${name}`).join('; ')])) return python;
  }
  console.log(`skipped: no Python with ${modules.join(', ')}`);
  return undefined;
}

/** Whether a program runs; where it does not, a line says that its tests are skipped. */
export function hasProgram(name: string, versionOption = '--version'): boolean {
  if (succeeds(name, [versionOption])) return true;
  console.log(`skipped: ${name} is not installed`);
  return false;
}

function succeeds(program: string, parameters: readonly string[]): boolean {
  try {
    execFileSync(program, parameters, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
