/**
 * Whether a value is made up: a placeholder, a name instead of a value, an ordered or repeated string. Used for
 * matches of our own rules. Text is latin1.
 */

/** Words that no random value holds, looked for in the lower-cased value. */
const PLACEHOLDER =
  /example|exampl|placeholder|changeme|change[_-]?me|change[_-]?this|replace[_-]?(?:me|with|this)|your[_-]|_your|yourkey|yourtoken|insert[_-]|enter[_-]|foobar|foo[_-]?bar|redacted|removed|notreal|not[_-]?a[_-]?real|\*\*\*|\.\.\.|…|<[a-z][^>]*>|deadbeef|cafebabe|badc0de|abcdef012345|0123456789|1234567890|123456789|987654321|12345678|abcdefgh|qwerty|asdfgh|zyxwvu|aaaaaaa|0000000|1111111|ffffffff|my[_-]?(?:secret|token|key|password|api)|super[_-]?secret|some[_-]?(?:secret|token|key|password|random|api)|test[_-]?(?:secret|token|key|password|api)|secret[_-]?(?:here|value)|(?:token|key|password|secret)[_-]?(?:here|goes|value)|put[_-]|default|undefined|invalid|required|optional|encrypted\[|enc\(|vault:|secretref/u;

/** Shorter words, which random letters spell by chance: they count only in one case or as a name is written. */
const SHORT_WORDS = new RegExp(
  ['dummy', 'sample', 'fake', 'mock', 'todo', 'fixme', 'lorem', 'ipsum', 'hidden', 'masked', 'xxxx']
    .flatMap((word) => [word, word.toUpperCase(), word[0]?.toUpperCase() + word.slice(1)])
    .join('|'),
  'u',
);

/** A reference to a value that is kept elsewhere. */
const REFERENCE =
  /^\$\w+$|^%[\w.]+%$|^\{\{|^<%|^#\{|^@[\w.]+@?$|^<[^>]{1,80}>$|^\[[^\]]{1,80}\]$|\$\{|\$\(|\{\{|process\.env|os\.environ|getenv|import\.meta|^env[.:[(]|^ENV\[|^var\.|^local\.|^data\.|^module\.|^secrets?\.|^vault\b|^ssm:|^arn:aws|^kms|^op:\/\/|^file:|^projects\/|^azurekeyvault|^ref\+|^!|^config\.|^process\./iu;

export function isPlaceholder(value: string): boolean {
  return PLACEHOLDER.test(value.toLowerCase()) || SHORT_WORDS.test(value);
}

/** Base64 of a text that is itself made up, as in `ZXhhbXBsZS1zZWNyZXQ=`. */
export function isEncodedPlaceholder(value: string): boolean {
  if (value.length < 12 || value.length > 512 || !/^[A-Za-z0-9+/]+={0,2}$/u.test(value)) return false;
  const text = Buffer.from(value, 'base64').toString('latin1').trimEnd();
  return /^[\x20-\x7e]{8,}$/u.test(text) && (isPlaceholder(text) || isWordy(text));
}

export function isReference(value: string): boolean {
  return REFERENCE.test(value);
}

/** Few different characters, one character in a run, or a string that only counts up or down. */
export function isLowInformation(value: string): boolean {
  if (value.length === 0) return true;
  const distinct = new Set(value).size;
  if (distinct <= Math.min(4, Math.max(2, value.length / 5))) return true;
  let steps = 0;
  let run = 1;
  let longest = 1;
  for (let at = 1; at < value.length; at++) {
    const step = value.charCodeAt(at) - value.charCodeAt(at - 1);
    if (step === 1 || step === -1) steps++;
    run = step === 0 ? run + 1 : 1;
    longest = Math.max(longest, run);
  }
  if (steps > value.length * 0.5 || (longest >= 6 && longest > value.length * 0.25)) return true;
  return isRepetition(value);
}

/** `abcabcabc`: a unit of at most half the length, over and over. */
function isRepetition(value: string): boolean {
  for (let unit = 1; unit <= Math.min(16, value.length / 2); unit++) {
    let at = unit;
    while (at < value.length && value.charCodeAt(at) === value.charCodeAt(at - unit)) at++;
    if (at === value.length) return true;
  }
  return false;
}

/** Letters in words: camelCase, snake_case, kebab-case, sentences. Such a value is a name, not a random string. */
export function isWordy(value: string): boolean {
  const letters = value.replace(/[^A-Za-z]/gu, '').length;
  if (letters < value.length * 0.75) return false;
  const words = value.match(/[A-Z]?[a-z]+|[A-Z]+(?![a-z])/gu) ?? [];
  const parts = words.filter((word) => word.length >= 3);
  const inWords = parts.reduce((sum, word) => sum + word.length, 0);
  if (inWords < letters * 0.8) return false;
  // Words of a language have vowels at a usual distance; random letters do not.
  const bare = value.replace(/[^A-Za-z0-9]/gu, '');
  const mixed = /\d[A-Za-z]+\d/u.test(value) || changes(bare) > bare.length / 3;
  return (
    !mixed && parts.every((word) => /[aeiouy]/iu.test(word)) && !/[bcdfghjklmnpqrstvwxz]{5}/iu.test(value)
  );
}

/** How mixed a value is: digits, lower case, upper case, others. */
export function classesOf(value: string): number {
  return [/[0-9]/u, /[a-z]/u, /[A-Z]/u, /[^0-9A-Za-z]/u].filter((set) => set.test(value)).length;
}

/** How often the value changes between letters and digits or cases: random strings do it often, names seldom. */
export function changes(value: string): number {
  let count = 0;
  let last = '';
  for (const char of value) {
    const now = /[0-9]/u.test(char) ? 'd' : /[a-z]/u.test(char) ? 'l' : /[A-Z]/u.test(char) ? 'u' : 'o';
    if (last !== '' && now !== last) count++;
    last = now;
  }
  return count;
}
