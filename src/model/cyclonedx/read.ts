export function readCycloneDx(b: Uint8Array, o: {path:string}): any { return JSON.parse(Buffer.from(b).toString()); }
