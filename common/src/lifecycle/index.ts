export * from './jobs.ts';
export * from './readiness.ts';
export * from './serve.ts';
