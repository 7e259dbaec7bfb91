import { readPlainRange } from '../comparators.ts';
import { defineScheme } from '../version.ts';
import { compareSemver, readSemver, type SemverKey } from './semver-key.ts';

/** `go1.21`, `go1.21.3`, `go1.21rc2`: the releases of Go itself (https://go.dev/doc/toolchain#version). */
const TOOLCHAIN = /^go(\d{1,9})\.(\d{1,9})(?:\.(\d{1,9}))?(?:(rc|beta)(\d{1,9}))?$/u;

/**
 * Go modules: semantic versions with a `v` and possibly fewer parts, pseudo-versions included, ordered as
 * golang.org/x/mod/semver does (https://go.dev/ref/mod#versions). OSV writes them without the `v`; the standard
 * library's versions carry `go` instead.
 */
export const go = defineScheme({
  name: 'golang',
  purlTypes: ['golang'],
  osvEcosystems: ['Go'],
  expected: 'vMAJOR.MINOR.PATCH as the Go modules reference describes',
  read: readGo,
  compare: compareSemver,
  nativeRange: readPlainRange,
});

function readGo(text: string): SemverKey | null {
  if (text.startsWith('go')) return readToolchain(text);
  const start = text.startsWith('v') ? 1 : 0;
  const key = readSemver(text, start, { partial: true });
  // x/mod/semver: a shortened version has neither a pre-release nor a build.
  if (key === null || key.pre !== null || key.build !== null) return readSemver(text, start);
  return key;
}

function readToolchain(text: string): SemverKey | null {
  const match = TOOLCHAIN.exec(text);
  if (match === null) return null;
  const [, major, minor, patch, stage, number] = match;
  const pre = stage === undefined ? null : [stage, Number(number)];
  return { major: Number(major), minor: Number(minor), patch: Number(patch ?? 0), pre, build: null };
}
