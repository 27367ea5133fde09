import { stat } from 'node:fs/promises';

/**
 * Checks that what a server is to read is there, before it starts: otherwise nobody would know before the first request. URLs
 * are not checked, because their servers may be away for a while.
 *
 * @throws NotFoundError where a local root is not there
 */
export async function checkLocalRoot(root: string): Promise<void> {
  if (/^([a-z][a-z0-9+.-]+:\/\/|file:)/i.test(root)) return;
  try {
    await stat(root);
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
    // Whatever else is wrong with it, the requests will tell.
    if (code !== 'ENOENT' && code !== 'ENOTDIR') return;
    const { NotFoundError } = await import('../index.ts');
    throw new NotFoundError(`There is no file or folder ${root}. Name one that is there with --root.`, {
      location: root,
      cause,
    });
  }
}
