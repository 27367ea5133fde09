import { defineConfig } from 'vitest/config';

const define = { PACKAGE_VERSION: JSON.stringify('0.0.0-test') };

export default defineConfig({
  test: {
    globalSetup: ['test/support/own-cache-folder.ts'],
    projects: [
      {
        define,
        test: { name: 'unit', include: ['test/**/*.test.ts'], exclude: ['test/interop/**'], testTimeout: 30_000 },
      },
      {
        define,
        test: {
          name: 'interop',
          include: ['test/interop/**/*.test.ts'],
          testTimeout: 180_000,
          hookTimeout: 180_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
