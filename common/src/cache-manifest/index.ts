export * from './gateway.ts';
export * from './pages.ts';
export * from './tags.ts';
export * from './touched-by.ts';
