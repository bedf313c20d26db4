// Numbers in keys are padded, so that the order of keys is the order of numbers.
const digitsMax = 16;

export function numberKey(value: number): string {
  return String(value).padStart(digitsMax, "0");
}
