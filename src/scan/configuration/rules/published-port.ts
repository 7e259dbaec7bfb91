import type { Severity } from '../../../model/severity.ts';
import { isEveryInterface, portsOf, serviceContext } from '../compose/services.ts';
import type { ComposeRule } from '../rule.ts';
import { define } from './define.ts';

/** Ports that are for other services or administrators, not for the network. */
const PORTS: Record<number, [string, Severity]> = {
  22: ['SSH', 'low'],
  23: ['Telnet', 'high'],
  1433: ['SQL Server', 'medium'],
  1521: ['Oracle', 'medium'],
  2181: ['ZooKeeper', 'medium'],
  2375: ['the Docker API without a password', 'high'],
  2376: ['the Docker API', 'medium'],
  2379: ['etcd', 'medium'],
  3306: ['MySQL', 'medium'],
  3389: ['remote desktop', 'medium'],
  5005: ['the Java debugger, which runs any code', 'high'],
  5432: ['PostgreSQL', 'medium'],
  5601: ['Kibana', 'medium'],
  5900: ['VNC', 'medium'],
  5984: ['CouchDB', 'medium'],
  6379: ['Redis', 'medium'],
  7474: ['Neo4j', 'medium'],
  7687: ['Neo4j', 'medium'],
  8086: ['InfluxDB', 'medium'],
  8500: ['Consul', 'medium'],
  9042: ['Cassandra', 'medium'],
  9200: ['Elasticsearch', 'medium'],
  9229: ['the Node.js debugger, which runs any code', 'high'],
  9300: ['Elasticsearch', 'medium'],
  11211: ['memcached', 'medium'],
  15672: ['the administration of RabbitMQ', 'medium'],
  27017: ['MongoDB', 'medium'],
};

export const publishedPort: ComposeRule = {
  kind: 'compose',
  rule: define({
    id: 'SPC114',
    name: 'internal-port-published',
    summary: 'A database or administration port is published on all interfaces',
    why: 'Everyone who reaches the machine reaches the port; container engines publish past the host firewall.',
    help: 'Remove it (services of one compose file reach each other without `ports`), or bind it to the machine itself: `127.0.0.1:5432:5432`.',
    severity: 'medium',
    tags: ['network', 'CWE-1327', 'CIS-Docker-5.8', 'CIS-Docker-5.14'],
  }),
  *check(file) {
    for (const service of file.services) {
      for (const { target, hostAddress, scalar, start, end } of portsOf(service)) {
        const known = Object.hasOwn(PORTS, target) ? PORTS[target] : undefined;
        if (known === undefined || !isEveryInterface(hostAddress)) continue;
        const quoted = scalar !== null && /^["']/u.test(file.source.text.slice(start, start + 1));
        const insert = start + (quoted ? 1 : 0);
        yield {
          message: `the service ${service.name} publishes port ${target} (${known[0]}) on all interfaces`,
          at: { start, end },
          context: serviceContext(service, `port ${target}`),
          severity: known[1],
          fix:
            scalar === null || hostAddress !== null
              ? undefined
              : {
                  description: 'Publish it on the machine itself only; other machines no longer reach it',
                  safe: false,
                  edits: [{ at: { start: insert, end: insert }, text: '127.0.0.1:' }],
                },
        };
      }
    }
  },
};
