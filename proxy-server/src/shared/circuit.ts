/**
 * Whether Redis may be asked now. Only silence opens it, and only when nobody had an answer since the silent call
 * began: otherwise Redis is well, and that one call was slow. A quick answer closes it.
 */
export function createCircuit(onOpen: () => void) {
  let open = false;
  let answeredAt = Number.NEGATIVE_INFINITY;

  return {
    isOpen: () => open,
    /** A call was answered in time. */
    answered(): void {
      answeredAt = performance.now();
      open = false;
    },
    /** A call that began at `enteredAt` (performance.now()) was not answered. */
    failed(enteredAt: number): void {
      if (open || enteredAt < answeredAt) return;
      open = true;
      onOpen();
    },
  };
}
