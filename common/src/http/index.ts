export * from './circuit-breaker.ts';
export * from './service-client.ts';
export * from './upstream-error.ts';
