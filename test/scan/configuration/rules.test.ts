// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of Dockerfiles, shells and compose files
import { describe, expect, it } from 'vitest';
import { configurationRules } from '../../../src/scan/configuration/rules/index.ts';
import { type Files, rulesOf, scan } from './memory-tree.ts';

const D = `@sha256:${'a'.repeat(64)}`;
const PINNED = `FROM debian:13${D}\nUSER 1000\n`;

interface Case {
  bad: (string | Files)[];
  good: (string | Files)[];
  options?: Record<string, unknown>;
}

const run = (command: string): string => `${PINNED}RUN ${command}\n`;
const runs = (bad: string[], good: string[]): Case => ({ bad: bad.map(run), good: good.map(run) });

/** Each rule with files that break it and files that do not. Strings are Dockerfiles. */
const dockerfiles: Record<string, Case> = {
  DL3000: {
    bad: [`${PINNED}WORKDIR app`],
    good: [
      `${PINNED}WORKDIR /app`,
      `${PINNED}WORKDIR $HOME/app`,
      `${PINNED}ENV A=/srv\nWORKDIR \${A}/x`,
      `${PINNED}WORKDIR C:\\app`,
    ],
  },
  DL3002: {
    bad: [
      'FROM a\nUSER root',
      'FROM a\nUSER 0',
      'FROM a\nUSER 0:0',
      'FROM a\nUSER root:root',
      'FROM a\nUSER "root"',
      'FROM a\nUSER app\nUSER root',
      'FROM a\nARG U=root\nUSER $U',
      'FROM a\nENV U=0\nUSER ${U}',
      'FROM a\nUSER ${U:-root}',
      'FROM a AS base\nUSER root\nFROM base\nRUN x',
      'FROM a\nUS\\\nER root',
      'from a\nuser root',
      '\u00a0FROM a\n\u2003USER root',
      // The builder does not continue a line that ends in two escape characters.
      'FROM a\nUSER app\nRUN echo \\\\\nUSER root',
    ],
    good: [
      'FROM a\nUSER root\nRUN x\nUSER app',
      'FROM a\nUSER 1000:0',
      'FROM a AS build\nUSER root\nFROM b\nUSER app',
      'FROM a\nONBUILD USER root\nUSER app',
      'FROM a\nUSER root\nENTRYPOINT ["gosu", "app", "server"]',
      'FROM a\nUSER $U',
    ],
  },
  DL3004: runs(
    ['sudo apt-get update', 'x && sudo -E y', '/usr/bin/sudo x'],
    ['apt-get install -y sudo=1', 'echo sudo', 'pseudo x'],
  ),
  DL3006: {
    bad: [
      'FROM node',
      'FROM docker.io/library/node',
      'FROM localhost:5000/a',
      'ARG I=node\nFROM $I',
      'FROM a:1\nCOPY --from=busybox /a /b',
    ],
    good: [
      'FROM scratch',
      'FROM node:24',
      `FROM node${D}`,
      'FROM a:1 AS b\nFROM b',
      'FROM a:1 AS Build\nFROM build',
      'ARG I\nFROM $I',
    ],
  },
  DL3007: {
    bad: [
      'FROM node:latest',
      'ARG T=latest\nFROM node:${T}',
      'FROM a:1\nRUN --mount=from=b:latest,target=/x y',
    ],
    good: ['FROM node:24', `FROM node:latest${D}`, 'FROM node:latest-slim'],
  },
  DL3008: runs(
    [
      'apt-get install curl',
      'apt-get update && apt-get -y install --no-install-recommends curl=1 git',
      'apt install -y curl',
      'apt-get install -y $PACKAGES',
      'if true; then apt-get install x; fi',
      'sh -c "apt-get install x"',
      'sudo apt-get install x',
      'apt-get -t stable install x',
      'DEBIAN_FRONTEND=noninteractive apt-get install x',
      '<<EOF\napt-get install x\nEOF',
    ],
    [
      'apt-get install curl=8.14.1-2',
      'apt-get install -y ./x.deb',
      'apt-get install -t stable x=1',
      'apt-get update',
      'apt-get install x/stable',
      'echo apt-get install x',
      'apt-get install -y "curl=${V}"',
      'cat <<EOF\napt-get install x\nEOF',
    ],
  ),
  DL3013: runs(
    [
      'pip install requests',
      'pip3 install --upgrade pip',
      'python3 -m pip install x',
      'pip install git+https://github.com/a/b',
      'uv pip install x',
    ],
    [
      'pip install requests==2',
      "pip install 'x>=1'",
      'pip install -r requirements.txt',
      'pip install .',
      'pip install -e .',
      'pip install ./x',
      'pip install x.whl',
      'pip install git+https://github.com/a/b@v1',
      'pip install --constraint c.txt x',
      'pip install --index-url https://x/ x==1',
      'pipenv install x',
      'pip download x',
    ],
  ),
  DL3016: runs(
    [
      'npm install -g serve',
      'npm i serve',
      'npm install @scope/x',
      'npm install git+https://github.com/a/b',
      'yarn global add serve',
      'pnpm add -g x',
    ],
    [
      'npm ci',
      'npm install',
      'npm install --production',
      'npm install -g serve@14',
      'npm install @scope/x@1',
      'npm install ./x',
      'npm install x.tgz',
      'npm install git+https://github.com/a/b#v1',
      'npm run install',
      'npm install --registry https://x serve@1',
      'yarn install',
    ],
  ),
  DL3018: runs(
    ['apk add curl', 'apk --no-cache add curl', 'apk add --virtual .deps gcc'],
    [
      'apk add curl=8.1-r0',
      'apk add "curl~8.1"',
      'apk add --virtual .deps gcc=1',
      'apk del x',
      'apk add -X https://x curl=1',
      'apk add x.apk',
    ],
  ),
  DL3020: {
    bad: [
      `${PINNED}ADD app.py /`,
      `${PINNED}ADD . /app`,
      `${PINNED}ADD ["a b.txt", "/x"]`,
      `${PINNED}ONBUILD ADD . /app`,
    ],
    good: [
      `${PINNED}ADD app.tar.gz /`,
      `${PINNED}COPY app.py /`,
      `${PINNED}ADD --checksum=sha256:1 https://x/y /`,
      `${PINNED}ADD <<EOF /x\nhi\nEOF`,
    ],
  },
  DL3028: runs(
    ['gem install rake', 'gem install --no-document rake'],
    [
      'gem install rake:13.0',
      'gem install rake -v 13.0',
      'gem install rake --version=1',
      'gem install x.gem',
      'gem update',
    ],
  ),
  DL3033: runs(
    ['yum install -y curl', 'yum -y install httpd-tools'],
    [
      'yum install -y curl-7.76.1-34.el9',
      'yum install -y https://x/y.rpm',
      'yum groupinstall x',
      'yum clean all',
      'yum install -y @tools',
    ],
  ),
  DL3037: runs(
    ['zypper install -y curl', 'zypper -n in curl'],
    ['zypper install -y curl=8', 'zypper in "x>=1"', 'zypper refresh', 'zypper install x.rpm'],
  ),
  DL3041: runs(
    ['dnf install -y curl', 'microdnf install curl'],
    ['dnf install -y curl-7.76.1', 'dnf group install x', 'dnf module install nodejs:20', 'dnf clean all'],
  ),
  DL3062: runs(
    ['go install example.com/x', 'go get example.com/x@latest', 'go run example.com/x'],
    [
      'go install example.com/x@v1.2.3',
      'go install ./...',
      'go build ./...',
      'go run make.go',
      'go install .',
      'go mod download',
    ],
  ),
  DL3064: {
    bad: [
      `${PINNED}ENV DB_PASSWORD=hunter2hunter`,
      `${PINNED}ARG NPM_TOKEN`,
      `${PINNED}ENV API_KEY abc def`,
      `${PINNED}ARG T\nENV GITHUB_TOKEN=$T`,
      `${PINNED}ENV X=ghp_${'a1B2'.repeat(9)}`,
      `${PINNED}ENV URL=postgres://me:s3cr3tpw@db/x`,
    ],
    good: [
      `${PINNED}ENV PASSWORD_FILE=/run/secrets/x`,
      `${PINNED}ENV GPG_KEY=E3FF2839C048B25C084DEBE9B26995E310250568`,
      `${PINNED}ENV TOKEN=`,
      `${PINNED}ENV MYSQL_ALLOW_EMPTY_PASSWORD=yes`,
      `${PINNED}ENV KEY=value PATH=/bin`,
      `${PINNED}ARG SECRET_PATH=/x`,
      `${PINNED}ENV USERNAME=bob`,
    ],
  },
  DL4006: {
    bad: [
      run('curl https://x | tar x'),
      run('x="$(a | b)"'),
      'FROM a AS b\nSHELL ["/bin/sh","-c"]\nRUN a | b\nUSER x',
    ],
    good: [
      run('set -o pipefail && a | b'),
      run('a || b'),
      run("echo 'a | b'"),
      `${PINNED}SHELL ["/bin/bash", "-o", "pipefail", "-c"]\nRUN a | b`,
      `${PINNED}SHELL ["/bin/ash", "-eo", "pipefail", "-c"]\nRUN a | b`,
      'FROM a AS b\nSHELL ["/bin/bash", "-o", "pipefail", "-c"]\nFROM b\nRUN a | b\nUSER x',
      `${PINNED}SHELL ["pwsh", "-c"]\nRUN a | b`,
      `${PINNED}RUN ["bash", "-o", "pipefail", "-c", "a | b"]`,
    ],
  },
  SPD101: {
    bad: [
      'FROM node:24',
      'FROM $I',
      'ARG V=24\nFROM node:$V',
      'FROM a:1 AS b\nCOPY --from=c:2 / /',
      'FROM REPLACE-ME',
    ],
    good: [
      `FROM node:24${D}`,
      'FROM scratch',
      `ARG D=${D.slice(1)}\nFROM node@$D`,
      `FROM --platform=linux/amd64 node:24${D}`,
      `FROM \${R}/x${D}`,
    ],
  },
  SPD103: {
    bad: [
      'FROM debian:13',
      'FROM debian:13 AS a\nUSER x\nFROM debian:13',
      'FROM scratch\nCMD ["/x"]',
      'FROM gcr.io/distroless/static',
      'FROM postgres:17',
      'FROM a\nONBUILD USER x',
    ],
    good: [
      'FROM debian:13\nUSER x',
      'FROM gcr.io/distroless/static:nonroot',
      `FROM gcr.io/distroless/static-debian12:nonroot${D}`,
      'FROM cgr.dev/chainguard/node',
      'FROM a AS b\nUSER x\nFROM b',
      'FROM scratch\nCOPY x /',
      'FROM bitnami/redis:7',
      'FROM debian:13 AS build\nRUN x\nFROM a\nUSER y',
      'FROM mcr.microsoft.com/windows/nanoserver:ltsc2022',
      'FROM a\nENTRYPOINT ["/sbin/su-exec", "app", "x"]',
    ],
  },
  SPD104: {
    bad: [
      `${PINNED}ADD https://x/y /`,
      `${PINNED}ADD ["http://x/y", "/"]`,
      `${PINNED}ENV U=https://x\nADD $U/y /`,
    ],
    good: [`${PINNED}ADD --checksum=sha256:${'1'.repeat(64)} https://x/y /`, `${PINNED}COPY x /`],
  },
  SPD105: {
    bad: [`${PINNED}ADD https://github.com/a/b.git#main /x`, `${PINNED}ADD git@github.com:a/b.git /x`],
    good: [
      `${PINNED}ADD https://github.com/a/b.git#${'a'.repeat(40)} /x`,
      `${PINNED}ADD --checksum=${'a'.repeat(40)} https://github.com/a/b.git#v1 /x`,
    ],
  },
  SPD106: {
    bad: [`${PINNED}LABEL api.token=s3cr3tvalue`, `${PINNED}LABEL a=ghp_${'a1B2'.repeat(9)}`],
    good: [
      `${PINNED}LABEL maintainer="x" org.opencontainers.image.source=https://x`,
      `${PINNED}LABEL token=`,
    ],
  },
  SPD107: {
    bad: [
      ...[
        'curl -u user:hunter2pw https://x',
        'curl -H "Authorization: Bearer abcdef123456" https://x',
        'x --password hunter2pw',
        'x --password=hunter2pw',
        'git clone https://me:hunter2pw@github.com/a/b',
        'mysql -phunter2pw',
        'echo "root:hunter2pw" | chpasswd',
        'export API_TOKEN=hunter2pw',
        'API_TOKEN=hunter2pw ./x',
        'echo "//r/:_authToken=abcdef12345" > .npmrc',
        `echo ghp_${'a1B2'.repeat(9)}`,
        'sh -c "x --password hunter2pw"',
      ].map(run),
      `${PINNED}CMD ["redis-server", "--requirepass", "x", "--password", "hunter2pw"]`,
      `${PINNED}RUN ["curl", "-u", "user:hunter2pw", "https://x"]`,
    ],
    good: [
      'curl -u "$USER:$PASS" https://x',
      'curl -H "Authorization: Bearer $(cat /run/secrets/t)" https://x',
      'adduser --disabled-password app',
      'docker login --password-stdin',
      'x --password "$P"',
      'curl -u user https://x',
      'TOKEN=$(cat x) y',
      'mkdir -p x',
      '--mount=type=secret,id=token cat /run/secrets/token',
    ].map(run),
  },
  SPD108: {
    bad: [
      `${PINNED}COPY .env /app/`,
      `${PINNED}COPY id_rsa /root/.ssh/`,
      `${PINNED}ADD server.key /x`,
      `${PINNED}COPY .npmrc ./`,
      `${PINNED}COPY .aws /root/.aws`,
      `${PINNED}COPY .kube/config /x`,
      `${PINNED}COPY .git /x`,
    ],
    good: [
      `${PINNED}COPY .env.example /app/`,
      `${PINNED}COPY ca.pem /x`,
      `${PINNED}COPY --from=b .env /x`,
      { Dockerfile: `${PINNED}COPY .npmrc ./`, '.npmrc': 'registry=https://x/' },
      { Dockerfile: `${PINNED}COPY tls.pem ./`, 'tls.pem': '-----BEGIN CERTIFICATE-----' },
    ],
  },
  SPD109: {
    bad: [
      { Dockerfile: `${PINNED}COPY . .`, '.env': 'DB_PASSWORD=hunter2pw', '.dockerignore': '.git' },
      {
        Dockerfile: `${PINNED}COPY conf /x`,
        'conf/id_rsa': '-----BEGIN RSA PRIVATE KEY-----\n',
        '.dockerignore': '*.md',
      },
      {
        'a/Dockerfile': `${PINNED}COPY . .`,
        'a/.env': 'TOKEN=hunter2pw',
        'compose.yml': 'services: {x: {build: a}}',
        '.dockerignore': '**/.env',
      },
    ],
    good: [
      { Dockerfile: `${PINNED}COPY . .`, '.env': 'DB_PASSWORD=hunter2pw', '.dockerignore': '.env*' },
      { Dockerfile: `${PINNED}COPY . .`, '.env': 'PORT=80', '.dockerignore': '' },
      { Dockerfile: `${PINNED}COPY src /x`, '.env': 'DB_PASSWORD=hunter2pw' },
      { Dockerfile: `${PINNED}COPY --from=x . .`, '.env': 'DB_PASSWORD=hunter2pw' },
    ],
  },
  SPD110: {
    bad: [
      `${PINNED}COPY . .`,
      `${PINNED}ADD ./ /x`,
      { 'svc/Dockerfile': `${PINNED}COPY . .`, 'svc/package.json': '{}' },
    ],
    good: [
      `${PINNED}COPY src /x`,
      { Dockerfile: `${PINNED}COPY . .`, '.dockerignore': '.git' },
      { Dockerfile: `${PINNED}COPY . .`, 'Dockerfile.dockerignore': '.git' },
      { 'a/Dockerfile': `${PINNED}COPY . .`, 'a/package.json': '{}', '.dockerignore': '.git' },
      { 'a/Dockerfile': `${PINNED}COPY . .`, 'a/run.sh': 'x' },
    ],
  },
  SPD111: {
    bad: [
      ...[
        'curl -sSL https://x/i.sh | sh',
        'wget -qO- https://x | sudo -E bash -',
        'bash <(curl -s https://x)',
        'sh -c "$(curl -fsSL https://x)"',
        'eval "$(wget -O - https://x)"',
        'curl https://x | python3 -',
        'curl https://x | sed s/a/b/ | bash -s -- -y',
        '{ curl https://x; } | sh',
        'curl -o i.sh https://x && sh i.sh',
        'curl -o /tmp/i https://x && chmod +x /tmp/i && /tmp/i',
        'wget https://x/i.sh && bash ./i.sh',
        '. <(curl https://x)',
      ].map(run),
      `${PINNED}RUN <<EOF\ncurl https://x | sh\nEOF`,
      `${PINNED}RUN ["bash", "-c", "curl https://x | bash"]`,
      `${PINNED}SHELL ["powershell", "-Command"]\nRUN iex ((New-Object System.Net.WebClient).DownloadString('https://x'))`,
      // A comment between continued lines, and a lone carriage return, hide nothing.
      `${PINNED}RUN true && \\\n# note\n  curl https://x \\\n  | sh`,
      `${PINNED}RUN true \r&& curl https://x | sh`,
    ],
    good: [
      'curl https://x | tar xz',
      'curl -o i.sh https://x && echo "abc i.sh" | sha256sum -c && sh i.sh',
      'echo "curl x | sh"',
      'cat x | sh',
      'curl https://x | grep sh',
      'curl https://x | python3 -m json.tool',
      'curl https://x | python3 -c "print()"',
      'curl https://x -o y && tar xf y',
    ].map(run),
  },
  SPD112: {
    bad: [
      ...[
        'curl -k https://x',
        'curl -fsSLk https://x',
        'curl --insecure https://x',
        'wget --no-check-certificate https://x',
        'pip install --trusted-host x y==1',
        'npm config set strict-ssl false',
        'git -c http.sslVerify=false clone https://x',
        'git config --global http.sslVerify false',
        'GIT_SSL_NO_VERIFY=1 git clone https://x',
      ].map(run),
      `${PINNED}ENV NODE_TLS_REJECT_UNAUTHORIZED=0`,
    ],
    good: [
      ...[
        'curl -fsSL https://x',
        'curl -ok https://x',
        'curl -k https://localhost/health',
        'tar -k x',
        'npm config set strict-ssl true',
      ].map(run),
      `${PINNED}ENV NODE_TLS_REJECT_UNAUTHORIZED=1`,
    ],
  },
  SPD113: runs(
    [
      'apt-get install -y --allow-unauthenticated x=1',
      'apk add --allow-untrusted x.apk',
      'yum install --nogpgcheck x-1',
      'zypper --no-gpg-checks in x=1',
      'echo "deb [trusted=yes] http://x y z" > /etc/apt/sources.list',
    ],
    ['apt-get install x=1', 'echo "deb [signed-by=/k] https://x y z" > /etc/apt/sources.list'],
  ),
  SPD114: {
    bad: [
      run('chmod 777 /x'),
      run('chmod -R 0777 /x'),
      run('chmod a+w /x'),
      run('chmod o+rwx /x'),
      `${PINNED}COPY --chmod=777 x /`,
      run('mkdir -m 777 /x'),
    ],
    good: [
      run('chmod 755 /x'),
      run('chmod 1777 /tmp/x'),
      run('chmod +x /x'),
      run('chmod u+w,go-w /x'),
      `${PINNED}COPY --chmod=755 x /`,
    ],
  },
  SPD115: {
    bad: [run('chmod u+s /x'), run('chmod 4755 /x'), run('chmod 06755 /x'), `${PINNED}COPY --chmod=4755 x /`],
    good: [run('chmod 2755 /x'), run('chmod g+s /x'), run('chmod u-s /x'), run('chmod 755 /x')],
  },
  SPD116: {
    bad: [`${PINNED}EXPOSE 80`],
    good: [`${PINNED}EXPOSE 80\nHEALTHCHECK CMD x`, `${PINNED}EXPOSE 80\nHEALTHCHECK NONE`, PINNED],
  },
  SPD117: {
    bad: [`${PINNED}EXPOSE 22`, `${PINNED}EXPOSE 80 22/tcp`, `${PINNED}EXPOSE 20-30`],
    good: [`${PINNED}EXPOSE 2222`, `${PINNED}EXPOSE 22/udp`],
  },
  SPD102: {
    options: { allowedBaseImages: ['gcr.io/distroless/**', 'node:*-slim'] },
    bad: ['FROM debian:13', 'FROM node:24', 'FROM $X'],
    good: [
      'FROM gcr.io/distroless/static',
      'FROM node:24-slim',
      'FROM golang:1 AS b\nFROM node:24-slim',
      'FROM scratch',
      'FROM node:24-slim AS a\nFROM a',
    ],
  },
  DL3026: {
    options: { allowedRegistries: ['ghcr.io', '*.example.com'] },
    bad: ['FROM node', 'FROM quay.io/x/y', 'FROM $R/x', 'FROM ghcr.io/a/b AS c\nCOPY --from=node:1 / /'],
    good: ['FROM ghcr.io/a/b', 'FROM r.example.com/a', 'FROM scratch', 'FROM ghcr.io/a/b AS c\nFROM c'],
  },
  SPX001: {
    bad: [`${PINNED}# sallyport:allow SPD117\nEXPOSE 22`, `# sallyport:allow\n${PINNED}`],
    good: [`${PINNED}# sallyport:allow SPD117 it is an SSH server\nEXPOSE 22`],
  },
  SPX002: {
    bad: [
      `${PINNED}# sallyport:allow DL3008 why not\nEXPOSE 80`,
      `${PINNED}# sallyport:allow SPD999 no such rule\nEXPOSE 80`,
    ],
    good: [
      `${PINNED}# sallyport:allow SPD117 it is an SSH server\nEXPOSE 22`,
      `${PINNED}# sallyport:allow aws-key another engine's\nEXPOSE 80`,
      `${PINNED}# sallyport:allow ssh-port-exposed it is an SSH server\nEXPOSE 22`,
    ],
  },
};

const filesOf = (file: string | Files): Files => (typeof file === 'string' ? { Dockerfile: file } : file);

describe('Dockerfile rules', () => {
  for (const [id, { bad, good, options }] of Object.entries(dockerfiles)) {
    it.each(bad.map((file) => [file]))(`${id} finds %j`, async (file) => {
      const { hits, problems } = await scan(filesOf(file), options);
      expect(problems).toEqual([]);
      expect(hits.map(({ rule }) => rule)).toContain(id);
    });
    it.each(good.map((file) => [file]))(`${id} is silent on %j`, async (file) => {
      const { hits, problems } = await scan(filesOf(file), options);
      expect(problems).toEqual([]);
      expect(hits.map(({ rule }) => rule)).not.toContain(id);
    });
  }

  it('have a case here, each of them', () => {
    const ids = configurationRules.filter(({ kind }) => kind !== 'compose').map(({ rule }) => rule.id);
    expect(Object.keys(dockerfiles).sort()).toEqual(ids.sort());
  });

  it('have different ids and names, and say everything a reader needs', () => {
    const rules = configurationRules.map(({ rule }) => rule);
    expect(new Set(rules.map(({ id }) => id)).size).toBe(rules.length);
    expect(new Set(rules.map(({ name }) => name)).size).toBe(rules.length);
    for (const { why, help, name } of rules) {
      expect(why?.length).toBeGreaterThan(30);
      expect(help?.length).toBeGreaterThan(15);
      expect(name).toMatch(/^[a-z]+(?:-[a-z]+)*$/u);
    }
  });

  it('find nothing in a file that does everything right', async () => {
    const file = `FROM node:24${D} AS build\nWORKDIR /src\nCOPY package.json package-lock.json ./\nRUN npm ci\nCOPY src src\nFROM gcr.io/distroless/nodejs24:nonroot${D}\nCOPY --from=build /src /app\nEXPOSE 8080\nHEALTHCHECK CMD ["/nodejs/bin/node", "/app/health.js"]\nCMD ["/app/server.js"]\n`;
    expect(await rulesOf(file)).toEqual([]);
  });

  it('give severities by what is at stake', async () => {
    const severity = async (content: string, rule: string): Promise<unknown> =>
      (await scan({ Dockerfile: content })).hits.find((hit) => hit.rule === rule)?.severity;
    expect(await severity(run('curl http://x | sh'), 'SPD111')).toBe('high');
    expect(await severity(run('curl -k https://x | sh'), 'SPD111')).toBe('high');
    expect(await severity(run('curl x.example.com | sh'), 'SPD111')).toBe('high');
    expect(await severity(run('curl https://x | sh'), 'SPD111')).toBeUndefined();
    expect(await severity(`${PINNED}ENV T=ghp_${'a1B2'.repeat(9)}`, 'DL3064')).toBe('critical');
    expect(await severity(`${PINNED}ENV DB_PASSWORD=changeme`, 'DL3064')).toBe('low');
    expect(await severity(`${PINNED}ENV API_TOKEN=9f8a7b6c5d4e3f2a1b0c9d8e`, 'DL3064')).toBe('high');
    expect(await severity('FROM postgres:17', 'SPD103')).toBe('low');
  });
});
