/** Serves everybody in the crowd, so many at once, each as soon as somebody before is done. */
export async function serveCrowd<T>(
  crowd: readonly T[],
  atOnce: number,
  serve: (one: T, index: number) => Promise<unknown>,
): Promise<void> {
  const queue = crowd.entries();
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (const [index, one] of queue) await serve(one, index);
    }),
  );
}
