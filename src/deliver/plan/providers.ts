import { z } from 'zod';
import { alb, codeDeploy } from './aws.ts';
import { duration, identifier, text, url, variable } from './parts.ts';

const argv = z.array(z.string().max(4000)).min(1).max(64);

const kubernetes = {
  server: url.optional().meta({ description: 'The API server; without it that of the pod.' }),
  tokenFrom: variable
    .optional()
    .meta({ description: 'The environment variable with the token. It cannot be renewed.' }),
  tokenFile: text(1000).optional().meta({
    description: 'A file with the token instead, read before each use: it may be renewed meanwhile.',
  }),
  tokenCommand: argv.optional().meta({
    description:
      'A program that prints an ExecCredential (client.authentication.k8s.io) instead, such as aws eks get-token; run again before the token ends.',
  }),
  tokenAudience: text(200).optional().meta({
    description:
      'An identity token of this GitHub job for this audience instead, for an API server that trusts GitHub’s issuer; asked for again before it ends.',
  }),
  caFile: text(1000).optional().meta({ description: 'The file with the API server’s CA.' }),
  namespace: identifier,
};

/** What split_clients puts into its variable: nothing that could end a directive. */
const nginxName = z.string().regex(/^[A-Za-z0-9._:-]{1,200}$/u);

/** A backend or server of HAProxy: nothing that could end a command. */
const haproxyName = z.string().regex(/^[A-Za-z0-9._:-]{1,100}$/u);

export const traffic = z
  .discriminatedUnion('provider', [
    z.strictObject({
      provider: z.literal('haproxy'),
      socket: text(1000).meta({ description: 'The admin socket: a path, or HOST:PORT.' }),
      backend: haproxyName,
      canary: haproxyName,
      baseline: haproxyName,
    }),
    z.strictObject({
      provider: z.literal('envoy'),
      admin: url,
      key: text(200).meta({ description: 'The runtime key of the canary’s share, in percent.' }),
    }),
    z.strictObject({
      provider: z.literal('nginx'),
      file: text(1000).meta({
        description: 'The file with the split_clients block; Sallyport writes it as a whole.',
      }),
      variable: z.string().regex(/^[a-z_][a-z0-9_]{0,63}$/u),
      key: z
        .string()
        .regex(/^[$a-z0-9_]{1,200}$/u)
        .default('$request_id'),
      canary: nginxName,
      baseline: nginxName,
      reload: argv.meta({ description: 'The command that reloads nginx.' }),
    }),
    z.strictObject({
      provider: z.literal('gateway-api'),
      ...kubernetes,
      route: identifier,
      rule: z.int().min(0).max(63).default(0),
      canary: identifier,
      baseline: identifier,
    }),
    z.strictObject({
      provider: z.literal('istio'),
      ...kubernetes,
      virtualService: identifier,
      route: z.int().min(0).max(63).default(0),
      canary: text(253).meta({ description: 'The subset (or host) that gets the weight.' }),
      baseline: text(253),
    }),
    z.strictObject({
      provider: z.literal('argo-rollouts'),
      ...kubernetes,
      rollout: identifier,
      within: duration
        .prefault('5m')
        .meta({ description: 'How long its controller may take until a step is in force.' }),
    }),
    alb,
    codeDeploy,
    z.strictObject({
      provider: z.literal('command'),
      set: argv.meta({ description: 'Sets the weight; `{weight}` is replaced. Run without a shell.' }),
      get: argv.meta({ description: 'Prints the weight in force, a number from 0 to 100.' }),
      timeout: duration.prefault('30s'),
    }),
  ])
  .meta({ description: 'What shifts the traffic.' });

export type TrafficPlan = z.output<typeof traffic>;

export const state = z
  .discriminatedUnion('store', [
    z.strictObject({ store: z.literal('file'), path: text(1000) }),
    z.strictObject({
      store: z.literal('git'),
      repository: text(1000).meta({ description: 'The folder of the repository.' }),
      remote: text(1000)
        .optional()
        .meta({ description: 'Pushed to with a lease on the old value; without it local only.' }),
    }),
    z.strictObject({ store: z.literal('kubernetes'), ...kubernetes, name: identifier }),
  ])
  .meta({ description: 'Where the state is kept between looks and between machines.' });
