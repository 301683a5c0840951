/** Makes something of an object once, and hands out the same as long as the object lives. */
export function memo<key extends object, value>(make: (key: key) => value): (key: key) => value {
  const made = new WeakMap<key, value>();
  return (key) => {
    const known = made.get(key);
    if (known !== undefined) return known;
    const value = make(key);
    made.set(key, value);
    return value;
  };
}

/** Keeps the entry that is used under its key, as the newest of so many at most. */
export function remember<key, value>(entries: Map<key, value>, key: key, value: value, most: number): value {
  entries.delete(key);
  entries.set(key, value);
  for (const oldest of entries.keys()) {
    if (entries.size <= most) break;
    entries.delete(oldest);
  }
  return value;
}
