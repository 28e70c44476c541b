/** Every column that is encrypted, by table and by the name that the code has for it. */
export const PERSONAL_FIELDS = {
  members: { email: 'email', name: 'name', phone: 'phone' },
  external_identities: { subject: 'subject' },
  certifications: { ci: 'ci', di: 'di', name: 'name', birthDate: 'birth_date', phone: 'phone' },
  addresses: {
    label: 'label',
    recipient: 'recipient',
    phone: 'phone',
    roadAddress: 'road_address',
    detail: 'detail',
  },
  idempotency_keys: { answer: 'answer' },
} as const;

export type PersonalTable = keyof typeof PERSONAL_FIELDS;
export type PersonalField<T extends PersonalTable> = Extract<keyof (typeof PERSONAL_FIELDS)[T], string>;

/** The column that identifies a row of `table`. */
export const keyColumnOf = (table: PersonalTable): string =>
  table === 'certifications' ? 'member_id' : 'id';

export function columnOf<T extends PersonalTable>(table: T, field: PersonalField<T>): string {
  const columns: Record<string, string> = PERSONAL_FIELDS[table];
  const column = columns[field];
  if (!column) throw new Error(`${table} has no personal field ${field}`);
  return column;
}
