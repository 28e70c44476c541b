const RETIRED_MS = 60_000;

/**
 * Keeps to one build of the storefront: a page names the scripts of its own, and those of the build before are gone.
 * While a deployment rolls over, both builds answer for a while; what still comes from the old one is shown, not kept.
 */
export function createDeployments(clock: () => number, onChange: () => void) {
  const retiredUntil = new Map<string, number>();
  let current: string | undefined;

  return {
    /** A page has come from the origin. @returns whether pages of its build may be kept */
    accept(deployment: string | undefined): boolean {
      if (deployment === undefined || deployment === current) return true;
      if ((retiredUntil.get(deployment) ?? 0) > clock()) return false;
      if (current !== undefined) {
        retiredUntil.clear();
        retiredUntil.set(current, clock() + RETIRED_MS);
        onChange();
      }
      current = deployment;
      return true;
    },
    /** Whether a page that another process has kept is of the build that this one knows. */
    matches(deployment: string | undefined): boolean {
      current ??= deployment;
      return deployment === undefined || deployment === current;
    },
  };
}
export type Deployments = ReturnType<typeof createDeployments>;
