export { type BuildOptions, buildAtlas } from './build.ts';
export { type AtlasStatusReport, atlasStatus, finishAtlas } from './finish.ts';
export { shardOf } from './plan.ts';
export type { AtlasPictureOptions, AtlasProgress, AtlasView } from './types.ts';
