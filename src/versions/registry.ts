import { SallyportError } from '../model/error.ts';
import { alpm } from './schemes/alpm.ts';
import { apk } from './schemes/apk.ts';
import { cargo } from './schemes/cargo.ts';
import { composer } from './schemes/composer.ts';
import { conan } from './schemes/conan.ts';
import { datetime } from './schemes/datetime.ts';
import { deb } from './schemes/deb.ts';
import { gem } from './schemes/gem.ts';
import { generic } from './schemes/generic.ts';
import { gentoo } from './schemes/gentoo.ts';
import { go } from './schemes/go.ts';
import { hex } from './schemes/hex.ts';
import { lexicographic } from './schemes/lexicographic.ts';
import { maven } from './schemes/maven.ts';
import { nginx } from './schemes/nginx.ts';
import { npm } from './schemes/npm.ts';
import { nuget } from './schemes/nuget.ts';
import { cran, hackage, intdot } from './schemes/number-lists.ts';
import { openssl } from './schemes/openssl.ts';
import { pub } from './schemes/pub.ts';
import { pypi } from './schemes/pypi.ts';
import { rpm } from './schemes/rpm.ts';
import { semver } from './schemes/semver.ts';
import { quote, type Scheme } from './version.ts';

/** Every scheme. A new one is a file in schemes/ and a line here. */
export const schemes: readonly Scheme[] = [
  alpm,
  apk,
  cargo,
  composer,
  conan,
  cran,
  datetime,
  deb,
  gem,
  generic,
  gentoo,
  go,
  hackage,
  hex,
  intdot,
  lexicographic,
  maven,
  nginx,
  npm,
  nuget,
  openssl,
  pub,
  pypi,
  rpm,
  semver,
];

const byName = new Map(schemes.map((scheme) => [scheme.name, scheme]));
const byPurlType = new Map(
  schemes.flatMap((scheme) => scheme.purlTypes.map((type) => [type, scheme] as const)),
);
const byEcosystem = new Map(
  schemes.flatMap((scheme) => scheme.osvEcosystems.map((name) => [name, scheme] as const)),
);

/** The scheme of a vers type. Throws SP-VERSION-SCHEME for one that is not known. */
export function schemeNamed(name: string): Scheme {
  const scheme = byName.get(name);
  if (scheme !== undefined) return scheme;
  throw new SallyportError({
    code: 'SP-VERSION-SCHEME',
    message: `unknown version scheme ${quote(name)}`,
    expected: `one of ${[...byName.keys()].join(', ')}`,
    found: quote(name),
    next: 'name the scheme of the ecosystem that the package is from',
  });
}

/** The scheme of a purl type, undefined where there is none: then nothing can be said of an order. */
export function schemeOfPurlType(type: string): Scheme | undefined {
  return byPurlType.get(type);
}

/** The scheme of an OSV ecosystem; a suffix such as `:12` in `Debian:12` takes no part. */
export function schemeOfEcosystem(ecosystem: string): Scheme | undefined {
  const colon = ecosystem.indexOf(':');
  return byEcosystem.get(colon === -1 ? ecosystem : ecosystem.slice(0, colon));
}
