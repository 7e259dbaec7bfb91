// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of Dockerfiles, shells and compose files
import { describe, expect, it } from 'vitest';
import { configurationRules } from '../../../src/scan/configuration/rules/index.ts';
import { type Files, scan } from './memory-tree.ts';

const D = `@sha256:${'a'.repeat(64)}`;
const service = (body: string): string =>
  `services:\n  a:\n    image: x:1${D}\n    ${body.replaceAll('\n', '\n    ')}\n`;
const services = (...bodies: string[]): string[] => bodies.map(service);
const image = (reference: string): string => `services:\n  a:\n    image: ${reference}\n`;

interface Case {
  bad: (string | Files)[];
  good: (string | Files)[];
  options?: Record<string, unknown>;
}

const cases: Record<string, Case> = {
  SPC101: {
    bad: [
      image('redis'),
      image('"ghcr.io/a/b"'),
      'a:\n  image: redis\n',
      { 'compose.yml': image('$I'), '.env': 'I=redis' },
    ],
    good: [
      image('redis:8'),
      `services:\n  a:\n    image: mine\n    build: .\n`,
      'services:\n  a:\n    environment: {A: b}\n',
      image('$I'),
    ],
  },
  SPC102: {
    bad: [image('redis:latest'), image('redis:${T:-latest}')],
    good: [image('redis:8'), image(`redis:latest${D}`)],
  },
  SPC103: {
    bad: [image('redis:8'), image('$I'), image('redis:${T:-8}')],
    good: [image(`redis:8${D}`), image('redis'), image('redis:latest'), image(`\${R}/redis${D}`)],
  },
  SPC104: {
    options: { allowedRegistries: ['ghcr.io'] },
    bad: [image('redis:8'), image('$I')],
    good: [image('ghcr.io/a/b:1')],
  },
  SPC105: { bad: services('privileged: true', 'privileged: "true"'), good: services('privileged: false') },
  SPC106: {
    bad: services(
      'volumes: ["/var/run/docker.sock:/var/run/docker.sock:ro"]',
      'volumes:\n  - type: bind\n    source: /var/run/docker.sock\n    target: /x',
      'volumes:\n  - ${S:-/var/run/docker.sock}:/x',
    ),
    good: services('volumes: ["data:/var/run/docker.sock.d"]', 'volumes: ["./docker.sock.md:/x"]'),
  },
  SPC107: {
    bad: services(
      'volumes: ["/:/host:ro"]',
      'volumes: ["/etc:/x"]',
      'volumes: ["~/.ssh:/x"]',
      'volumes: ["/proc/:/x"]',
      'volumes:\n  - type: bind\n    source: /\n    target: /x',
    ),
    good: services(
      'volumes: ["/etc/localtime:/etc/localtime:ro"]',
      'volumes: ["./etc:/etc"]',
      'volumes: ["data:/"]',
      'volumes: ["/data"]',
      'volumes: ["/srv/app:/x"]',
    ),
  },
  SPC108: {
    bad: services('network_mode: host', 'pid: "host"', 'ipc: host', 'userns_mode: host'),
    good: services('network_mode: bridge', 'pid: "service:b"'),
  },
  SPC109: {
    bad: services('cap_add: [SYS_ADMIN]', 'cap_add:\n  - CAP_NET_ADMIN', 'cap_add: ["all"]'),
    good: services('cap_add: [NET_BIND_SERVICE]', 'cap_drop: [ALL]'),
  },
  SPC110: {
    bad: services(
      'security_opt: ["seccomp:unconfined"]',
      'security_opt: [apparmor=unconfined]',
      'security_opt: ["label:disable"]',
    ),
    good: services('security_opt: ["no-new-privileges:true"]', 'security_opt: ["seccomp:profile.json"]'),
  },
  SPC111: {
    bad: services('user: root', 'user: "0:0"', 'user: 0'),
    good: services('user: "1000"', 'user: "1000:0"', 'user: $UID'),
  },
  SPC112: {
    bad: services(
      'environment:\n  DB_PASSWORD: hunter2pw',
      'environment:\n  - DB_PASSWORD=hunter2pw',
      'environment: ["URL=postgres://me:hunter2pw@db/x"]',
      'environment:\n  DB_PASSWORD: ${P:-hunter2pw}',
      'environment:\n  DB_PASSWORD: postgres',
      'build:\n  context: .\n  args:\n    TOKEN: hunter2pw',
      `environment: ["X=ghp_${'a1B2'.repeat(9)}"]`,
    ),
    good: services(
      'environment:\n  DB_PASSWORD: ${DB_PASSWORD}',
      'environment:\n  DB_PASSWORD:',
      'environment: [DB_PASSWORD]',
      'environment:\n  POSTGRES_PASSWORD_FILE: /run/secrets/x',
      'environment:\n  MYSQL_ALLOW_EMPTY_PASSWORD: "yes"',
      'environment:\n  DB_PASSWORD: ${P:?set it}',
      'environment: ["URL=postgres://me:$P@db/x"]',
    ),
  },
  SPC113: {
    bad: [
      { 'compose.yml': service('env_file: prod.env'), 'prod.env': 'DB_PASSWORD=hunter2pw\n' },
      {
        'a/compose.yml': service('env_file:\n  - path: ../settings\n    required: false'),
        settings: 'export API_TOKEN="hunter2pw"',
      },
    ],
    good: [
      {
        'compose.yml': service('env_file: prod.env'),
        'prod.env': 'PORT=80\nDB_PASSWORD=\nAPI_TOKEN=changeme',
      },
      { 'compose.yml': service('env_file: prod.env') },
    ],
  },
  SPC114: {
    bad: services(
      'ports: ["5432:5432"]',
      'ports: ["0.0.0.0:15432:5432"]',
      'ports:\n  - target: 6379\n    published: 6379',
      'ports: ["${P:-3306}:3306/tcp"]',
      'ports: [6379:6379]',
    ),
    good: services(
      'ports: ["127.0.0.1:5432:5432"]',
      'ports: ["8080:8080"]',
      'ports: ["5432"]',
      'expose: ["5432"]',
      'ports:\n  - target: 6379\n    published: 6379\n    host_ip: 127.0.0.1',
    ),
  },
  SPC115: {
    bad: services(
      'devices: ["/dev/sda:/dev/sda"]',
      'devices: [/dev/mem]',
      'devices:\n  - source: /dev/sda1\n    target: /x',
    ),
    good: services('devices: ["/dev/dri:/dev/dri"]', 'devices: [/dev/snd]'),
  },
  SPC116: {
    bad: services('restart: always'),
    good: [
      ...services('security_opt: ["no-new-privileges:true"]', 'extends: b'),
      'services:\n  a:\n    restart: always\n',
    ],
  },
  SPC117: {
    bad: services('restart: always'),
    good: services('read_only: true', 'extends:\n  file: x.yml\n  service: b'),
  },
  SPC118: {
    bad: services(
      'command: ["server", "--password", "hunter2pw"]',
      'command: server --password=hunter2pw',
      'entrypoint: [curl, -u, "me:hunter2pw", "https://x"]',
      'command: ["--admin-password=hunter2pw"]',
    ),
    good: services(
      'command: server --password $$PASSWORD',
      'command: ["server", "--password-file", "/x"]',
      'command: ["server", "--password", "${P}"]',
    ),
  },
};

const filesOf = (file: string | Files): Files => (typeof file === 'string' ? { 'compose.yml': file } : file);

describe('compose rules', () => {
  for (const [id, { bad, good, options }] of Object.entries(cases)) {
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
    const ids = configurationRules.filter(({ kind }) => kind === 'compose').map(({ rule }) => rule.id);
    expect(Object.keys(cases).sort()).toEqual(ids.sort());
  });

  it('take the socket in a privileged container for critical, and nothing else', async () => {
    const { hits } = await scan({
      'compose.yml': service('privileged: true\nvolumes: ["/var/run/docker.sock:/s"]'),
      'b/compose.yml': service('volumes: ["/var/run/docker.sock:/s"]'),
    });
    expect(
      hits
        .filter(({ severity }) => severity === 'critical')
        .map(({ rule, places }) => [rule, places[0]?.path]),
    ).toEqual([['SPC106', 'compose.yml']]);
  });

  it('find what comes by an anchor or a merge key once, where it stands', async () => {
    const file =
      'x-a: &a\n  privileged: true\nservices:\n  b:\n    <<: *a\n    image: x\n  c:\n    <<: [*a]\n    image: x\n';
    const { hits } = await scan({ 'compose.yml': file });
    const found = hits.filter(({ rule }) => rule === 'SPC105');
    expect(found.map(({ places }) => places[0])).toEqual([
      { path: 'compose.yml', line: 2, column: 3, endLine: 2, endColumn: 19 },
    ]);
  });

  it('let an own key stand before a merged one', async () => {
    const file =
      'x-a: &a\n  privileged: true\nservices:\n  b:\n    <<: *a\n    privileged: false\n    image: x\n';
    const { hits } = await scan({ 'compose.yml': file });
    expect(hits.map(({ rule }) => rule)).not.toContain('SPC105');
  });

  it('read an inline Dockerfile at its own places', async () => {
    const file =
      'services:\n  a:\n    build:\n      dockerfile_inline: |\n        FROM node\n        # sallyport:allow DL3004 there is no other way\n        RUN sudo x\n        USER 1\n';
    const { hits, problems } = await scan({ 'compose.yml': file });
    expect(problems).toEqual([]);
    const of = (rule: string) => hits.find((hit) => hit.rule === rule);
    expect(of('DL3006')?.places[0]).toEqual({
      path: 'compose.yml',
      line: 5,
      column: 14,
      endLine: 5,
      endColumn: 18,
    });
    expect(of('DL3004')?.suppressions?.[0]?.justification).toBe('there is no other way');
    expect(of('SPX002')).toBeUndefined();
  });

  it('refuse an inline Dockerfile that cannot be read exactly', async () => {
    const quoted = await scan({ 'compose.yml': 'services: {a: {build: {dockerfile_inline: "FROM node"}}}' });
    expect(quoted.problems.map(({ code }) => code)).toEqual(['SP-CONFIGURATION-SYNTAX']);
  });
});
