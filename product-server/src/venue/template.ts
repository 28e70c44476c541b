/** A block of seats as an architect would say it; `x` and `y` are of its first seat, in units of half a seat. */
export interface SectionPlan {
  name: string;
  /** Of each row, from the front to the back. */
  rows: { grade: string; seats: number }[];
  x: number;
  y: number;
}

export interface TemplateSeat {
  section: string;
  row: string;
  number: number;
  grade: string;
  x: number;
  y: number;
}

/** Rows and seats are a whole seat apart. */
const PITCH = 2;

/** Every seat of a hall: rows are numbered from the front, seats from the left, short rows stand in the middle. */
export function seatsOf(plans: readonly SectionPlan[]): TemplateSeat[] {
  return plans.flatMap(({ name, rows, x, y }) => {
    const widest = Math.max(...rows.map(({ seats }) => seats));
    return rows.flatMap(({ grade, seats }, row) =>
      Array.from({ length: seats }, (_, seat) => ({
        section: name,
        row: String(row + 1),
        number: seat + 1,
        grade,
        x: x + (widest - seats) + seat * PITCH,
        y: y + row * PITCH,
      })),
    );
  });
}
