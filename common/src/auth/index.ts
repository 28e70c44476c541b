export * from './access.ts';
export * from './auth-server.ts';
export * from './bearer.ts';
export { announceEnding } from './endings.ts';
export * from './key-set.ts';
export * from './revocation.ts';
export * from './service-tokens.ts';
export { signatureBacklog } from './signed-token.ts';
export * from './token-verifier.ts';
