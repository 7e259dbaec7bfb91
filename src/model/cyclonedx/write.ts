export function* writeCycloneDx(b: any, o: any): Iterable<string> { yield JSON.stringify(b); }
