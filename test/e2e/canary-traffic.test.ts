import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { envoy } from '../../src/deliver/traffic/envoy.ts';
import { haproxy as haproxyTraffic } from '../../src/deliver/traffic/haproxy.ts';
import { nginx as nginxTraffic } from '../../src/deliver/traffic/nginx.ts';
import { setAndVerify, type Traffic } from '../../src/deliver/traffic/traffic.ts';
import { networkHttp } from '../../src/platform/http.ts';
import { world } from '../deliver/world.ts';
import { answers, freePort, haproxy, program, service, stopAll, until } from './canary-parts.ts';
import { temporaryFolder } from './support.ts';
import { lacks, tool } from './tools.ts';

afterEach(stopAll);

/** The share of requests that version 2 answers, in percent. */
async function share(port: number, requests = 1000): Promise<number> {
  let canary = 0;
  for (let done = 0; done < requests; done += 50) {
    const batch = Array.from(
      { length: 50 },
      async () => await (await fetch(`http://127.0.0.1:${port}/`)).text(),
    );
    canary += (await Promise.all(batch)).filter((text) => text === '2').length;
  }
  return (100 * canary) / requests;
}

/** Four standard deviations of 1,000 requests at 30 % are under 6 percentage points. */
async function shifts(traffic: Traffic, port: number, settled: () => Promise<void> = async () => undefined) {
  for (const [weight, low, high] of [
    [0, 0, 0],
    [30, 24, 36],
    [100, 100, 100],
    [0, 0, 0],
  ] as const) {
    await setAndVerify(traffic, weight, 1);
    await settled();
    const found = await share(port);
    expect([weight, found >= low && found <= high, found]).toEqual([weight, true, found]);
  }
}

describe('real proxies shift real traffic', () => {
  it.skipIf(lacks('haproxy'))('HAProxy', async () => {
    const [one, two] = [await service('1'), await service('2')];
    const proxy = await haproxy(two.port, one.port);
    await shifts(
      haproxyTraffic({ socket: proxy.socket, backend: 'payments', canary: 'canary', baseline: 'baseline' }),
      proxy.port,
    );
  });

  it.skipIf(lacks('nginx'))('nginx', async () => {
    const [one, two] = [await service('1'), await service('2')];
    const folder = temporaryFolder();
    const port = await freePort();
    const split = join(folder, 'split.conf');
    mkdirSync(join(folder, 'logs'), { recursive: true });
    const config = join(folder, 'nginx.conf');
    writeFileSync(
      config,
      `daemon off; pid ${folder}/nginx.pid; error_log ${folder}/logs/error.log;
events {}
http {
  access_log off;
  client_body_temp_path ${folder}/body; proxy_temp_path ${folder}/proxy; fastcgi_temp_path ${folder}/f; uwsgi_temp_path ${folder}/u; scgi_temp_path ${folder}/s;
  include ${split};
  upstream canary { server 127.0.0.1:${two.port}; }
  upstream baseline { server 127.0.0.1:${one.port}; }
  server { listen 127.0.0.1:${port}; location / { proxy_pass http://$arm; } }
}
`,
    );
    const nginx = tool('nginx') ?? 'nginx';
    const plan = { file: split, variable: 'arm', key: '$request_id', canary: 'canary', baseline: 'baseline' };
    // Before nginx runs there is nothing to reload: only the file is written.
    await nginxTraffic({ ...plan, reload: ['true'] }, world('/')).set(0, 1);
    program(nginx, ['-c', config, '-p', folder]);
    await until(
      'nginx',
      async () => existsSync(join(folder, 'nginx.pid')) && (await answers(`http://127.0.0.1:${port}/`)),
    );
    const traffic = nginxTraffic(
      { ...plan, reload: [nginx, '-c', config, '-p', folder, '-s', 'reload'] },
      world('/'),
    );
    await shifts(traffic, port, async () => await new Promise((resolve) => setTimeout(resolve, 700)));
  });

  it.skipIf(lacks('envoy'))('Envoy', async () => {
    const [one, two] = [await service('1'), await service('2')];
    const [port, admin] = [await freePort(), await freePort()];
    const folder = temporaryFolder();
    const cluster = (name: string, target: number) => ({
      name,
      type: 'STATIC',
      load_assignment: {
        cluster_name: name,
        endpoints: [
          {
            lb_endpoints: [
              { endpoint: { address: { socket_address: { address: '127.0.0.1', port_value: target } } } },
            ],
          },
        ],
      },
    });
    const config = {
      admin: { address: { socket_address: { address: '127.0.0.1', port_value: admin } } },
      layered_runtime: { layers: [{ name: 'admin', admin_layer: {} }] },
      static_resources: {
        clusters: [cluster('canary', two.port), cluster('baseline', one.port)],
        listeners: [
          {
            address: { socket_address: { address: '127.0.0.1', port_value: port } },
            filter_chains: [
              {
                filters: [
                  {
                    name: 'http',
                    typed_config: {
                      '@type':
                        'type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager',
                      stat_prefix: 'front',
                      http_filters: [
                        {
                          name: 'router',
                          typed_config: {
                            '@type': 'type.googleapis.com/envoy.extensions.filters.http.router.v3.Router',
                          },
                        },
                      ],
                      route_config: {
                        virtual_hosts: [
                          {
                            name: 'all',
                            domains: ['*'],
                            routes: [
                              {
                                match: {
                                  prefix: '/',
                                  runtime_fraction: {
                                    default_value: { numerator: 0, denominator: 'HUNDRED' },
                                    runtime_key: 'canary.payments',
                                  },
                                },
                                route: { cluster: 'canary' },
                              },
                              { match: { prefix: '/' }, route: { cluster: 'baseline' } },
                            ],
                          },
                        ],
                      },
                    },
                  },
                ],
              },
            ],
          },
        ],
      },
    };
    writeFileSync(join(folder, 'envoy.json'), JSON.stringify(config));
    program(tool('envoy') ?? 'envoy', [
      '-c',
      join(folder, 'envoy.json'),
      '--base-id',
      String(admin),
      '--concurrency',
      '1',
    ]);
    await until('envoy', async () => await answers(`http://127.0.0.1:${port}/`), 60_000);
    const traffic = envoy({ admin: `http://127.0.0.1:${admin}`, key: 'canary.payments' }, networkHttp);
    await shifts(traffic, port);
  });
});
