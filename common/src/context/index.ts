export * from './deadline.ts';
export * from './incoming.ts';
export * from './request.ts';
