const counts = new Int32Array(256);

/**
 * Shannon entropy in bits a character of latin1 text. As gitleaks counts it: characters of UTF-8, over the length in
 * bytes.
 */
export function shannonEntropy(text: string): number {
  if (text === '') return 0;
  counts.fill(0);
  let ascii = true;
  for (let at = 0; at < text.length; at++) {
    const byte = text.charCodeAt(at);
    if (byte > 0x7f) ascii = false;
    counts[byte & 0xff] = (counts[byte & 0xff] as number) + 1;
  }
  const numbers: Iterable<number> = ascii ? counts : countCharacters(text);
  let entropy = 0;
  for (const count of numbers) {
    if (count === 0) continue;
    const share = count / text.length;
    entropy -= share * Math.log2(share);
  }
  return entropy;
}

function countCharacters(text: string): Iterable<number> {
  const seen = new Map<string, number>();
  for (const char of Buffer.from(text, 'latin1').toString('utf8')) seen.set(char, (seen.get(char) ?? 0) + 1);
  return seen.values();
}
