import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

const define = { PACKAGE_VERSION: JSON.stringify('0.0.0-test') };

/**
 * Test files that repeat themselves with random input: `npm test` does it a few times, the project `long` many times
 * (test/support/repetitions.ts).
 */
const longTests = readdirSync(join(import.meta.dirname, 'test'), { recursive: true, encoding: 'utf8' })
  .map((name) => `test/${name.replaceAll('\\', '/')}`)
  .filter((path) => path.endsWith('.test.ts'))
  .filter((path) => readFileSync(join(import.meta.dirname, path), 'utf8').includes("support/repetitions.ts'"));

/** What all projects have in common. */
const common = {
  setupFiles: ['test/support/byte-equality.ts'],
  restoreMocks: true,
  unstubEnvs: true,
  // A test that ends without having asserted anything fails.
  expect: { requireAssertions: true },
};

export default defineConfig({
  test: {
    globalSetup: ['test/support/own-cache-folder.ts'],
    // One line for each test that fails, and a summary.
    reporters: ['minimal'],
    projects: [
      {
        define,
        test: {
          ...common,
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/interop/**'],
          testTimeout: 30_000,
          hookTimeout: 30_000,
          provide: { isLong: false },
          // Test files share processes: loading the sources again for each file would take as long as the tests.
          isolate: false,
          // Much of the time is waiting, so every processor gets a worker (default: all but one).
          maxWorkers: '100%',
          sequence: { groupOrder: 0 },
        },
      },
      {
        define,
        test: {
          ...common,
          name: 'long',
          include: longTests,
          testTimeout: 180_000,
          hookTimeout: 180_000,
          provide: { isLong: true },
          sequence: { groupOrder: 1 },
        },
      },
      {
        define,
        test: {
          ...common,
          name: 'interop',
          include: ['test/interop/**/*.test.ts'],
          testTimeout: 180_000,
          hookTimeout: 180_000,
          fileParallelism: false,
          provide: { isLong: true },
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
