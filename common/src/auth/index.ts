export * from './access.ts';
export * from './auth-server.ts';
export * from './bearer.ts';
export * from './key-set.ts';
export * from './token-verifier.ts';
