/** Lines that say what is being done and how long it took. */

const seconds = (since: number) => `${((performance.now() - since) / 1000).toFixed(1)} s`;

export type Print = (line: string) => void;

/** Steps may overlap, so each is one line, printed when it is done; a long one also says that it began. */
export function createProgress(print: Print) {
  const LONG = 2_000;

  function step(title: string): () => void {
    const started = performance.now();
    const timer = setTimeout(() => print(`  … ${title}`), LONG);
    timer.unref();
    return () => {
      clearTimeout(timer);
      print(`  ✓ ${title.padEnd(28)} ${seconds(started)}`);
    };
  }

  return { step, seconds };
}

/** A table with aligned columns. */
export function table(rows: readonly (readonly string[])[]): string {
  const columns = Math.max(...rows.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, i) =>
    Math.max(...rows.map((row) => row[i]?.length ?? 0)),
  );
  return rows
    .map((row) => `  ${row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join('  ')}`.trimEnd())
    .join('\n');
}
