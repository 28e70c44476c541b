/**
 * Lets one request of this process at a time through to a seat. The gate in Redis lets one of all processes through; but
 * when thousands come at once, this process alone can be too busy to hear what Redis says.
 */
export function createTurnstile() {
  const inside = new Map<string, { token: string; requests: number }>();

  return {
    /** The seats that somebody else is at just now; nobody has entered then. Whoever has the same token may enter too. */
    enter(seatIds: readonly string[], token: string): string[] {
      const taken = seatIds.filter((id) => (inside.get(id)?.token ?? token) !== token);
      if (taken.length > 0) return taken;
      for (const id of seatIds) inside.set(id, { token, requests: (inside.get(id)?.requests ?? 0) + 1 });
      return [];
    },
    leave(seatIds: readonly string[]): void {
      for (const id of seatIds) {
        const visit = inside.get(id);
        if (!visit || visit.requests === 1) inside.delete(id);
        else visit.requests -= 1;
      }
    },
  };
}
