type Value = string | number | boolean;

/** `?a=1&b=2&b=3`, or nothing; what is undefined is left out. */
export function toQuery(parameters: object): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries<Value | readonly Value[] | undefined>({ ...parameters })) {
    for (const it of value === undefined ? [] : [value].flat()) query.append(name, String(it));
  }
  const text = query.toString();
  return text && `?${text}`;
}
