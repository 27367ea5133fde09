export { createAtlasApp } from './atlas-app.ts';
export { createGate } from './gate.ts';
export { createPreviewApp } from './preview-app.ts';
export { listen } from './server.ts';
