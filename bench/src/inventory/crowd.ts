/** Serves a crowd of so many, so many of them at once. */
export async function serveCrowd(
  size: number,
  atOnce: number,
  serve: (index: number) => Promise<unknown>,
): Promise<void> {
  let next = 0;
  const worker = async () => {
    while (next < size) {
      const index = next;
      next += 1;
      await serve(index);
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, size) }, worker));
}
