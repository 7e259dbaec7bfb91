import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import semverLibrary from 'semver';
import { byLines, firstLine, inFolder, type Peer, run } from './peer.ts';

const MAVEN = `
import org.apache.maven.artifact.versioning.ComparableVersion;
import java.io.*;
public class Peer {
  public static void main(String[] args) throws Exception {
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in));
    StringBuilder out = new StringBuilder();
    for (String line; (line = in.readLine()) != null; ) {
      String[] two = line.split("\\t");
      out.append(Integer.signum(new ComparableVersion(two[0]).compareTo(new ComparableVersion(two[1])))).append('\\n');
    }
    System.out.print(out);
  }
}
`;

/** MAVEN_ARTIFACT_JAR, else the newest in the local repository that an earlier `mvn` filled. */
function mavenJar(): string | null {
  const named = process.env.MAVEN_ARTIFACT_JAR;
  if (named !== undefined) return existsSync(named) ? named : null;
  const folder = join(homedir(), '.m2/repository/org/apache/maven/maven-artifact');
  if (!existsSync(folder)) return null;
  const jars = readdirSync(folder)
    .filter((version) => /^3\.\d+\.\d+$/u.test(version))
    .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
    .map((version) => join(folder, version, `maven-artifact-${version}.jar`))
    .filter((jar) => existsSync(jar));
  return jars.at(-1) ?? null;
}

const maven: Peer = {
  scheme: 'maven',
  name: 'maven-artifact ComparableVersion',
  strict: false,
  find: () => (firstLine('java', ['--version']) === null ? null : mavenJar()),
  compare: (pairs) =>
    inFolder('Peer.java', MAVEN, (folder) =>
      byLines('java', ['-cp', mavenJar() ?? '', join(folder, 'Peer.java')], pairs),
    ),
};

const RUBY = `
STDIN.each_line do |l|
  a, b = l.chomp.split("\\t")
  begin
    puts(Gem::Version.new(a) <=> Gem::Version.new(b))
  rescue ArgumentError
    puts 'x'
  end
end
`;

const ruby: Peer = {
  scheme: 'gem',
  name: 'Gem::Version',
  strict: true,
  find: () => firstLine('ruby', ['--version']),
  compare: (pairs) => byLines('ruby', ['-e', RUBY], pairs),
};

const PACKAGING = `
import sys
from packaging.version import Version, InvalidVersion
for l in sys.stdin:
    a, b = l.rstrip('\\n').split('\\t')
    try:
        v, w = Version(a), Version(b)
        print(-1 if v < w else 1 if v > w else 0)
    except InvalidVersion:
        print('x')
`;

const packaging: Peer = {
  scheme: 'pypi',
  name: 'packaging.version',
  strict: true,
  find: () => firstLine('python3', ['-c', 'import packaging; print(packaging.__version__)']),
  compare: (pairs) => byLines('python3', ['-c', PACKAGING], pairs),
};

/** The numbers that the parts begin with: where they differ, Conan compares a part such as 5x as text. */
function leadingNumbers(version: string): string {
  return version
    .split(/[.+-]/u)
    .map((part) => /^\d*/u.exec(part)?.[0])
    .join('.');
}

const CONAN = `
import sys
try:
    from conan.internal.model.version import Version
except ImportError:
    from conans.model.version import Version
for l in sys.stdin:
    a, b = l.rstrip('\\n').split('\\t')
    v, w = Version(a), Version(b)
    print(0 if v == w else -1 if v < w else 1)
`;

const conan: Peer = {
  scheme: 'conan',
  name: 'Conan Version',
  strict: false,
  find: () => firstLine('python3', ['-c', 'import conan; print(conan.__version__)']),
  // Conan reads a part such as -1 as a negative number.
  except: (a, b) =>
    /[.+-]-/u.test(`${a} ${b}`) || (/\d[A-Za-z]/u.test(a + b) && leadingNumbers(a) !== leadingNumbers(b)),
  compare: (pairs) => byLines('python3', ['-c', CONAN], pairs),
};

const COMPOSER = `
require '/usr/share/php/Composer/Semver/autoload.php';
$p = new Composer\\Semver\\VersionParser();
while (($l = fgets(STDIN)) !== false) {
  [$a, $b] = explode("\\t", rtrim($l, "\\n"));
  try {
    $v = $p->normalize($a); $w = $p->normalize($b);
    echo str_starts_with($v, 'dev-') || str_starts_with($w, 'dev-') ? 'x' : version_compare($v, $w), "\\n";
  } catch (UnexpectedValueException $e) { echo "x\\n"; }
}
`;

const composer: Peer = {
  scheme: 'composer',
  name: 'composer/semver and version_compare',
  strict: true,
  find: () =>
    existsSync('/usr/share/php/Composer/Semver/autoload.php') ? firstLine('php', ['--version']) : null,
  // Numbers after a date are let pass since composer/semver 3.4; distributions still have an older one.
  except: (a, b) =>
    [a, b].some((one) => /^v?\d{4}[.:-]?\d{2}/u.test(one) && !/^\d{4}([.:-]?)\d{2}\1\d{2}$/u.test(one)),
  compare: (pairs) => byLines('php', ['-r', COMPOSER], pairs),
};

const ELIXIR = `
for l <- IO.stream(:stdio, :line) do
  [a, b] = l |> String.trim_trailing("\\n") |> String.split("\\t")
  case {Version.parse(a), Version.parse(b)} do
    {{:ok, v}, {:ok, w}} -> IO.puts(case Version.compare(v, w) do :lt -> -1; :eq -> 0; :gt -> 1 end)
    _ -> IO.puts("x")
  end
end
`;

const elixir: Peer = {
  scheme: 'hex',
  name: 'Elixir Version',
  strict: true,
  find: () => (run('elixir', ['--version']).status === 0 ? 'elixir' : null),
  compare: (pairs) => byLines('elixir', ['-e', ELIXIR], pairs),
};

const GO = `
package main

import (
	"bufio"
	"fmt"
	"os"
	"strings"

	"golang.org/x/mod/semver"
)

func main() {
	in := bufio.NewScanner(os.Stdin)
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	for in.Scan() {
		two := strings.Split(in.Text(), "\\t")
		if !semver.IsValid(two[0]) || !semver.IsValid(two[1]) {
			fmt.Fprintln(out, "x")
			continue
		}
		fmt.Fprintln(out, semver.Compare(two[0], two[1]))
	}
}
`;

const go: Peer = {
  scheme: 'golang',
  name: 'golang.org/x/mod/semver',
  strict: true,
  find: () => firstLine('go', ['version']),
  compare: (pairs) =>
    inFolder('main.go', GO, (folder) => {
      const module = 'module peer\n\ngo 1.24\n\nrequire golang.org/x/mod v0.30.0\n';
      writeFileSync(join(folder, 'go.mod'), module);
      const tidy = run('go', ['mod', 'tidy'], '', folder);
      if (tidy.status !== 0) throw new Error(`go mod tidy: ${tidy.stderr.slice(0, 500)}`);
      return byLines('go', ['run', '.'], pairs, folder);
    }),
};

/** npm's own reading, which refuses numbers above 2^53. */
const nodeSemver = (scheme: string): Peer => ({
  scheme,
  name: 'node-semver',
  strict: true,
  find: () => 'the npm package semver',
  compare: (pairs) =>
    pairs.map(([a, b]) =>
      semverLibrary.valid(a) === null || semverLibrary.valid(b) === null ? null : semverLibrary.compare(a, b),
    ),
});

/** The package managers of languages. */
export const languages: readonly Peer[] = [
  maven,
  ruby,
  packaging,
  conan,
  composer,
  elixir,
  go,
  nodeSemver('npm'),
  nodeSemver('cargo'),
];
