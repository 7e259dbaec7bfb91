import { Aws } from '../../platform/aws/client.ts';
import type { Context } from '../../platform/context.ts';
import { lacking } from '../../platform/credentials/token.ts';
import { Kubernetes } from '../kubernetes/client.ts';
import type { TrafficPlan } from '../plan/providers.ts';
import { argoRollouts } from './argo-rollouts.ts';
import { awsAlb, ELB } from './aws-alb.ts';
import { awsCodeDeploy, CODE_DEPLOY } from './aws-codedeploy.ts';
import { command } from './command.ts';
import { envoy } from './envoy.ts';
import { gatewayApi } from './gateway-api.ts';
import { haproxy } from './haproxy.ts';
import { istio } from './istio.ts';
import { nginx } from './nginx.ts';
import type { Traffic } from './traffic.ts';

type Of<Provider extends TrafficPlan['provider']> = Extract<TrafficPlan, { provider: Provider }>;

const providers: {
  [Provider in TrafficPlan['provider']]: (plan: Of<Provider>, context: Context) => Traffic;
} = {
  haproxy: (plan) => haproxy(plan),
  envoy: (plan, context) => envoy(plan, context.http),
  nginx,
  'gateway-api': (plan, context) => gatewayApi(plan, new Kubernetes(plan, context)),
  istio: (plan, context) => istio(plan, new Kubernetes(plan, context)),
  'argo-rollouts': (plan, context) => argoRollouts(plan, new Kubernetes(plan, context)),
  'aws-alb': (plan, context) => awsAlb(plan, new Aws(plan, ELB, context)),
  'aws-codedeploy': (plan, context) => {
    const deployment = context.env[plan.deploymentFrom] ?? '';
    if (!/^d-[A-Z0-9]{6,20}$/u.test(deployment))
      throw lacking('no deployment is named', `its id (d-…) in $${plan.deploymentFrom}`);
    return awsCodeDeploy(plan, deployment, new Aws(plan, CODE_DEPLOY, context));
  },
  command,
};

/** The provider that a plan names. */
export function trafficOf(plan: TrafficPlan, context: Context): Traffic {
  const make = providers[plan.provider] as (plan: TrafficPlan, context: Context) => Traffic;
  return make(plan, context);
}
