import type { Component } from '../../model/component.ts';
import { isObject, objectsOf, textOf } from '../../model/json/values.ts';
import type { LockFinding } from './format.ts';

/** The public registries' own hosts: what a lockfile may name where the policy says nothing else. */
export const PUBLIC_HOSTS: readonly string[] = [
  'registry.npmjs.org',
  'registry.yarnpkg.com',
  'pypi.org',
  'files.pythonhosted.org',
  'crates.io',
  'index.crates.io',
  'github.com',
  'codeload.github.com',
  'api.github.com',
  'rubygems.org',
  'packagist.org',
  'repo.packagist.org',
  'gitlab.com',
  'bitbucket.org',
  'hex.pm',
  'repo.hex.pm',
  'pub.dev',
  'pub.dartlang.org',
  'repo.maven.apache.org',
  'repo1.maven.org',
  'www.nuget.org',
  'api.nuget.org',
  'proxy.golang.org',
];

/** The host of an address; `git@host:path` too. Null where none can be told. */
function hostOf(address: string): string | null {
  const scp = /^(?:git\+)?(?:ssh:\/\/)?[\w.-]+@([\w.-]+)[:/]/u.exec(address)?.[1];
  if (scp !== undefined) return scp.toLowerCase();
  const short = /^(github|gitlab|bitbucket):/u.exec(address)?.[1];
  if (short !== undefined) return short === 'bitbucket' ? 'bitbucket.org' : `${short}.com`;
  try {
    const { hostname } = new URL(address.replace(/^(?:git|hg|svn|bzr)\+/u, ''));
    return hostname === '' ? null : hostname;
  } catch {
    return null;
  }
}

/** Findings for components that are fetched from elsewhere. An address without a host that can be told counts as foreign. */
export function foreignHosts(components: readonly Component[], hosts: ReadonlySet<string>): LockFinding[] {
  return components.flatMap((component) => {
    const references = isObject(component.rest) ? objectsOf(component.rest.externalReferences) : [];
    return references.flatMap(({ url, type }): LockFinding[] => {
      const address = textOf(url);
      if (address === undefined || (type !== 'distribution' && type !== 'vcs')) return [];
      const host = hostOf(address);
      if (host !== null && hosts.has(host)) return [];
      return [
        {
          rule: 'lock-entry-foreign-host',
          message: `${component.ref} comes from ${host ?? 'an address without a host'}, which the policy does not list`,
          place: component.places[0] ?? { path: '' },
          context: `${component.ref} ${host ?? address.slice(0, 200)}`,
          component: component.purl,
        },
      ];
    });
  });
}
