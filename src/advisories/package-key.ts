import type { Purl } from '../versions/purl.ts';
import { nameHash } from './index-format.ts';

/** How a package is named in OSV: the ecosystem, with a release after a colon for some, and the name there. */
export interface PackageName {
  ecosystem: string;
  name: string;
}

/** The ecosystem without what follows a colon: `Debian` of `Debian:12`. One index file holds all its releases. */
export function baseEcosystem(ecosystem: string): string {
  const colon = ecosystem.indexOf(':');
  return colon === -1 ? ecosystem : ecosystem.slice(0, colon);
}

/** A name as its registry compares it, so that two spellings of one package meet. */
export function normalName({ ecosystem, name }: PackageName): string {
  switch (baseEcosystem(ecosystem)) {
    case 'PyPI':
      // https://packaging.python.org/en/latest/specifications/name-normalization/
      return name.toLowerCase().replace(/[-_.]+/gu, '-');
    case 'NuGet':
    case 'Packagist':
    case 'GitHub Actions':
    case 'Hex':
      return name.toLowerCase();
    default:
      return name;
  }
}

/** What a package is looked up by: its name as the registry compares it, and the hash that indexes are ordered by. */
export interface PackageKey {
  name: string;
  hash: string;
}

export function keyOf(wanted: PackageName): PackageKey {
  const name = normalName(wanted);
  return { name, hash: nameHash(name) };
}

const BY_TYPE: Readonly<Record<string, string>> = {
  cargo: 'crates.io',
  composer: 'Packagist',
  conan: 'ConanCenter',
  cran: 'CRAN',
  gem: 'RubyGems',
  github: 'GitHub Actions',
  githubactions: 'GitHub Actions',
  golang: 'Go',
  hackage: 'Hackage',
  hex: 'Hex',
  julia: 'Julia',
  maven: 'Maven',
  npm: 'npm',
  nuget: 'NuGet',
  pub: 'Pub',
  pypi: 'PyPI',
  swift: 'SwiftURL',
};

/** Distributions by the namespace of their purls. */
const BY_DISTRIBUTION: Readonly<Record<string, string>> = {
  'apk/alpine': 'Alpine',
  'apk/chainguard': 'Chainguard',
  'apk/wolfi': 'Wolfi',
  'bitnami/': 'Bitnami',
  'deb/debian': 'Debian',
  'deb/ubuntu': 'Ubuntu',
  'rpm/almalinux': 'AlmaLinux',
  'rpm/mageia': 'Mageia',
  'rpm/openeuler': 'openEuler',
  'rpm/opensuse': 'openSUSE',
  'rpm/redhat': 'Red Hat',
  'rpm/rocky-linux': 'Rocky Linux',
  'rpm/suse': 'SUSE',
};

/**
 * Under which name OSV files the package of a purl, undefined where OSV has no ecosystem for it. The releases of a
 * distribution are not told by the purl alone.
 */
export function packageNameOf(purl: Purl): PackageName | undefined {
  const { type, namespace, name } = purl;
  const ecosystem = Object.hasOwn(BY_TYPE, type) ? BY_TYPE[type] : undefined;
  if (ecosystem !== undefined) {
    const separator = type === 'maven' ? ':' : '/';
    return { ecosystem, name: namespace === undefined ? name : `${namespace}${separator}${name}` };
  }
  const distribution = BY_DISTRIBUTION[`${type}/${namespace ?? ''}`];
  return distribution === undefined ? undefined : { ecosystem: distribution, name };
}

/** The purl of a package as OSV names it; undefined for an ecosystem without one. */
export function purlOfPackage({ ecosystem, name }: PackageName, version: string): Purl | undefined {
  const base = baseEcosystem(ecosystem);
  const type = Object.keys(BY_TYPE).find((one) => BY_TYPE[one] === base);
  if (type === undefined) return undefined;
  const cut = name.lastIndexOf(base === 'Maven' ? ':' : '/');
  return {
    type,
    ...(cut <= 0 ? {} : { namespace: name.slice(0, cut) }),
    name: name.slice(cut + 1),
    version: base === 'Go' && /^\d/u.test(version) ? `v${version}` : version,
  };
}
