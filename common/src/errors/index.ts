export * from './problem-error.ts';
export * from './to-problem-error.ts';
