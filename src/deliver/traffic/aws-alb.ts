import type { Aws } from '../../platform/aws/client.ts';
import { elementAt, membersAt, textAt } from '../../platform/aws/xml.ts';
import { type Traffic, trafficProblem } from './traffic.ts';

export const ELB = { host: 'elasticloadbalancing', signingName: 'elasticloadbalancing' } as const;
const VERSION = '2015-12-01';

/**
 * Weighted target groups of an Application Load Balancer
 * (https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_ModifyRule.html): the forward action of a
 * rule, or of a listener by default. An action is replaced as a whole, so an action of any other form is refused, and
 * stickiness is sent back as it was found.
 */
export function awsAlb(plan: { forwards: string; canary: string; baseline: string }, api: Aws): Traffic {
  const name = `target groups of ${plan.forwards.split(':').at(-1)}`;
  const isRule = plan.forwards.includes(':listener-rule/');
  const read = async () => {
    const answer = isRule
      ? await api.query(VERSION, 'DescribeRules', { 'RuleArns.member.1': plan.forwards })
      : await api.query(VERSION, 'DescribeListeners', { 'ListenerArns.member.1': plan.forwards });
    const [one, ...others] = isRule
      ? membersAt(answer, 'DescribeRulesResponse', 'DescribeRulesResult', 'Rules')
      : membersAt(answer, 'DescribeListenersResponse', 'DescribeListenersResult', 'Listeners');
    const actions = membersAt(one, isRule ? 'Actions' : 'DefaultActions');
    const [action] = actions;
    if (others.length > 0 || actions.length !== 1 || textAt(action, 'Type') !== 'forward')
      throw trafficProblem(name, 'one action, a forward', JSON.stringify(actions).slice(0, 200));
    const groups = membersAt(action, 'ForwardConfig', 'TargetGroups').map((group) => ({
      arn: textAt(group, 'TargetGroupArn'),
      weight: Number(textAt(group, 'Weight') ?? Number.NaN),
    }));
    const weightOf = (arn: string): number => {
      const found = groups.filter((group) => group.arn === arn);
      const weight = found.length === 1 ? (found[0]?.weight ?? Number.NaN) : Number.NaN;
      if (weight >= 0) return weight;
      throw trafficProblem(name, `${arn} once, with a weight`, groups.map((group) => group.arn).join(', '));
    };
    const [canary, baseline] = [weightOf(plan.canary), weightOf(plan.baseline)];
    if (groups.length !== 2) throw trafficProblem(name, 'two target groups', String(groups.length));
    return { canary, baseline, sticky: elementAt(action, 'ForwardConfig', 'TargetGroupStickinessConfig') };
  };
  return {
    name,
    fenced: false,
    ending: () => api.ending(),
    get: async () => {
      const { canary, baseline } = await read();
      if (canary + baseline === 0) throw trafficProblem(name, 'a target group with a weight', 'both are 0');
      return (100 * canary) / (canary + baseline);
    },
    set: async (weight) => {
      const { sticky } = await read();
      const prefix = `${isRule ? 'Actions' : 'DefaultActions'}.member.1`;
      const seconds = textAt(sticky, 'DurationSeconds');
      await api.query(VERSION, isRule ? 'ModifyRule' : 'ModifyListener', {
        [isRule ? 'RuleArn' : 'ListenerArn']: plan.forwards,
        [`${prefix}.Type`]: 'forward',
        [`${prefix}.ForwardConfig.TargetGroups.member.1.TargetGroupArn`]: plan.baseline,
        [`${prefix}.ForwardConfig.TargetGroups.member.1.Weight`]: String(100 - weight),
        [`${prefix}.ForwardConfig.TargetGroups.member.2.TargetGroupArn`]: plan.canary,
        [`${prefix}.ForwardConfig.TargetGroups.member.2.Weight`]: String(weight),
        [`${prefix}.ForwardConfig.TargetGroupStickinessConfig.Enabled`]: textAt(sticky, 'Enabled') ?? 'false',
        ...(seconds === null
          ? {}
          : { [`${prefix}.ForwardConfig.TargetGroupStickinessConfig.DurationSeconds`]: seconds }),
      });
    },
  };
}
