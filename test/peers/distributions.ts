import { type Answer, byLines, firstLine, type Peer, run } from './peer.ts';

const dpkg: Peer = {
  scheme: 'deb',
  name: 'dpkg --compare-versions',
  strict: false,
  find: () => firstLine('dpkg', ['--version']),
  compare: (pairs) =>
    pairs.map(([a, b]) => {
      const holds = (operator: string) => run('dpkg', ['--compare-versions', a, operator, b]).status;
      const less = holds('lt');
      if (less !== 0 && less !== 1) return null;
      return less === 0 ? -1 : holds('eq') === 0 ? 0 : 1;
    }),
};

const RPM = `
import sys, rpm
def evr(t):
    e, s, r = t.partition(':')
    if not s or not e.isdigit(): e, r = '0', t
    v, s, rel = r.rpartition('-')
    return (e, v, rel) if s else (e, rel, None)
for l in sys.stdin:
    a, b = l.rstrip('\\n').split('\\t')
    try:
        print(rpm.labelCompare(evr(a), evr(b)))
    except ValueError:
        print('x')
`;

const rpm: Peer = {
  scheme: 'rpm',
  name: 'rpm (python3-rpm labelCompare)',
  strict: false,
  find: () => firstLine('/usr/bin/python3', ['-c', 'import rpm; print(rpm.__version__)']),
  compare: (pairs) => byLines('/usr/bin/python3', ['-c', RPM], pairs),
};

const vercmp: Peer = {
  scheme: 'alpm',
  name: 'vercmp (pacman)',
  strict: false,
  find: () => firstLine('vercmp', ['1', '1']),
  compare: (pairs) => pairs.map(([a, b]) => Math.sign(Number(run('vercmp', [a, b]).stdout)) as Answer),
};

const apkTool: Peer = {
  scheme: 'apk',
  name: 'apk version -t',
  strict: true,
  find: () => firstLine('apk', ['--version']),
  compare: (pairs) =>
    pairs.map(([a, b]) => {
      if (run('apk', ['version', '--check', a, b]).status !== 0) return null;
      return (
        ({ '<': -1, '=': 0, '>': 1 } as const)[run('apk', ['version', '-t', a, b]).stdout.trim() as '<'] ??
        null
      );
    }),
};

/** The package managers of distributions. */
export const distributions: readonly Peer[] = [dpkg, rpm, vercmp, apkTool];
