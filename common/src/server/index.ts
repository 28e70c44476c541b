export * from './caller.ts';
export * from './conditional.ts';
export * from './create-app.ts';
export * from './named-write.ts';
export * from './start.ts';
export type { App } from './types.ts';
