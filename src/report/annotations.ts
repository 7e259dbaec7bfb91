export function* renderAnnotations(r: unknown): Iterable<string> { yield "" }
