/** Views that are loaded when somebody asks for them: a mosaic starts no later because of them. */
export const rareViews = {
  attributes: (): Promise<typeof import('./attributes.ts')> => import('./attributes.ts'),
  contrastSheet: (): Promise<typeof import('./contrast-sheet.ts')> => import('./contrast-sheet.ts'),
  film: (): Promise<typeof import('./film.ts')> => import('./film.ts'),
  frames: (): Promise<typeof import('./frames.ts')> => import('./frames.ts'),
  planes: (): Promise<typeof import('./planes.ts')> => import('./planes.ts'),
} as const;
