export * from './atoms.ts';
export * from './catalogue.ts';
export * from './credentials.ts';
export * from './health.ts';
export * from './identity.ts';
export * from './order.ts';
export * from './problem.ts';
export * from './storefront.ts';
