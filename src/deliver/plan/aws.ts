import { z } from 'zod';
import { duration, url, variable } from './parts.ts';

/** Where AWS is, and as whom it is spoken to. */
export const aws = {
  region: z
    .string()
    .regex(/^[a-z]{2}(?:-[a-z]{2,12}){1,3}-[0-9]$/u, 'expected a region such as eu-central-1'),
  endpoint: url
    .optional()
    .meta({ description: 'An address instead of the public one, such as that of a VPC endpoint.' }),
  roleArn: z
    .string()
    .regex(/^arn:aws[a-z-]{0,10}:iam::[0-9]{12}:role\/[\w+=,.@/-]{1,500}$/u, 'expected the ARN of a role')
    .optional()
    .meta({
      description:
        'The role that is taken with this job’s identity (OIDC), and taken again before its hour is over. Without it and `credentialCommand` the keys of the environment are used.',
    }),
  credentialCommand: z.array(z.string().max(4000)).min(1).max(64).optional().meta({
    description:
      'A program that prints credentials as `credential_process` does, such as aws configure export-credentials.',
  }),
};

const arn = (kind: RegExp, expected: string) => z.string().max(2048).regex(kind, expected);
const targetGroup = arn(
  /^arn:aws[a-z-]{0,10}:elasticloadbalancing:[a-z0-9-]{1,30}:[0-9]{12}:targetgroup\/[A-Za-z0-9-]{1,40}\/[0-9a-f]{1,32}$/u,
  'expected the ARN of a target group',
);

export const alb = z.strictObject({
  provider: z.literal('aws-alb'),
  ...aws,
  forwards: arn(
    /^arn:aws[a-z-]{0,10}:elasticloadbalancing:[a-z0-9-]{1,30}:[0-9]{12}:listener(?:-rule)?\/app\/[A-Za-z0-9/-]{1,200}$/u,
    'expected the ARN of a listener rule, or of a listener for its default action',
  ).meta({
    description:
      'The ARN of the listener rule, or of the listener whose default action, forwards to both target groups.',
  }),
  canary: targetGroup,
  baseline: targetGroup,
});

export const codeDeploy = z.strictObject({
  provider: z.literal('aws-codedeploy'),
  ...aws,
  deploymentFrom: variable.meta({
    description:
      'The environment variable with the id of the deployment (`d-…`) that this promotion watches.',
  }),
  within: duration
    .prefault('20m')
    .meta({ description: 'How long its own configuration may take until it shifts to a step.' }),
});
