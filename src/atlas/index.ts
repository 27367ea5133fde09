export { type BuildOptions, type BuildResult, buildAtlas } from './build.ts';
export { type AtlasStatusReport, atlasStatus, type FinishResult, finishAtlas } from './finish.ts';
export { shardOf } from './plan.ts';
export type { AtlasPictureOptions, AtlasProgress, AtlasView } from './types.ts';
