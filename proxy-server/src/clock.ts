/** Milliseconds since the epoch that never go back. */
export const clock = (): number => performance.timeOrigin + performance.now();
