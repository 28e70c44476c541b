export * from './access.ts';
export * from './bearer.ts';
export * from './key-set.ts';
export * from './token-verifier.ts';
