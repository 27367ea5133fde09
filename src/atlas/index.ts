export { type BuildOptions, buildAtlas } from './build.ts';
export { enqueueAtlas } from './enqueue.ts';
export { type AtlasStatusReport, atlasStatus, finishAtlas } from './finish.ts';
export { shardOf } from './plan.ts';
export { type QueueCounts, queueCounts } from './queue.ts';
export { workOnQueue } from './queue-worker.ts';
export type { AtlasPictureOptions, AtlasProgress, AtlasView } from './types.ts';
