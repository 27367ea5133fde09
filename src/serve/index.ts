export { type AtlasServerOptions, createAtlasApp } from './atlas-app.ts';
export { createGate, type GateOptions } from './gate.ts';
export { createPreviewApp, type PreviewServerOptions } from './preview-app.ts';
export { listen } from './server.ts';
