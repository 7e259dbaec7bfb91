import { describe, expect, it } from 'vitest';
import { awsAlb, ELB } from '../../../src/deliver/traffic/aws-alb.ts';
import { awsCodeDeploy, CODE_DEPLOY } from '../../../src/deliver/traffic/aws-codedeploy.ts';
import { setAndVerify } from '../../../src/deliver/traffic/traffic.ts';
import { Aws } from '../../../src/platform/aws/client.ts';
import { formOf, wire } from '../wire.ts';
import { world } from '../world.ts';

const env = { AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: 'secret' };
const ELB_ARN = 'arn:aws:elasticloadbalancing:eu-central-1:123456789012';
const CANARY = `${ELB_ARN}:targetgroup/canary/0a`;
const BASELINE = `${ELB_ARN}:targetgroup/baseline/0b`;
const RULE = `${ELB_ARN}:listener-rule/app/pay/1/2/3`;
const LISTENER = `${ELB_ARN}:listener/app/pay/1/2`;

const forward = (canary: string, baseline: string, more = '') =>
  `<member><Order>1</Order><ForwardConfig><TargetGroups><member><TargetGroupArn>${BASELINE}</TargetGroupArn><Weight>${baseline}</Weight></member><member><TargetGroupArn>${CANARY}</TargetGroupArn><Weight>${canary}</Weight></member>${more}</TargetGroups><TargetGroupStickinessConfig><Enabled>true</Enabled><DurationSeconds>60</DurationSeconds></TargetGroupStickinessConfig></ForwardConfig><Type>forward</Type></member>`;
const rules = (actions: string) => ({
  body: `<DescribeRulesResponse xmlns="http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/"><DescribeRulesResult><Rules><member><IsDefault>false</IsDefault><Actions>${actions}</Actions></member></Rules></DescribeRulesResult></DescribeRulesResponse>`,
});
const listeners = (actions: string) => ({
  body: `<DescribeListenersResponse><DescribeListenersResult><Listeners><member><DefaultActions>${actions}</DefaultActions></member></Listeners></DescribeListenersResult></DescribeListenersResponse>`,
});
const done = { body: '<ModifyRuleResponse><ModifyRuleResult/></ModifyRuleResponse>' };

function alb(forwards: string, ...answers: { status?: number; body: string }[]) {
  const { http, asked } = wire(...answers);
  const api = new Aws({ region: 'eu-central-1' }, ELB, world('/', { http, env }));
  return { asked, traffic: awsAlb({ forwards, canary: CANARY, baseline: BASELINE }, api) };
}

describe('target groups of an AWS load balancer', () => {
  it('are set in a listener rule, with its stickiness as it was, and read back', async () => {
    const { asked, traffic } = alb(RULE, rules(forward('0', '100')), done, rules(forward('10', '90')));
    await setAndVerify(traffic, 10, 1);
    expect(formOf(asked[0])).toEqual({
      Action: 'DescribeRules',
      Version: '2015-12-01',
      'RuleArns.member.1': RULE,
    });
    expect(formOf(asked[1])).toEqual({
      Action: 'ModifyRule',
      Version: '2015-12-01',
      RuleArn: RULE,
      'Actions.member.1.Type': 'forward',
      'Actions.member.1.ForwardConfig.TargetGroups.member.1.TargetGroupArn': BASELINE,
      'Actions.member.1.ForwardConfig.TargetGroups.member.1.Weight': '90',
      'Actions.member.1.ForwardConfig.TargetGroups.member.2.TargetGroupArn': CANARY,
      'Actions.member.1.ForwardConfig.TargetGroups.member.2.Weight': '10',
      'Actions.member.1.ForwardConfig.TargetGroupStickinessConfig.Enabled': 'true',
      'Actions.member.1.ForwardConfig.TargetGroupStickinessConfig.DurationSeconds': '60',
    });
  });

  it('are set in the default action of a listener', async () => {
    const { asked, traffic } = alb(LISTENER, listeners(forward('50', '50')), done);
    await traffic.set(0, 1);
    expect(formOf(asked[1])).toMatchObject({
      Action: 'ModifyListener',
      ListenerArn: LISTENER,
      'DefaultActions.member.1.ForwardConfig.TargetGroups.member.2.Weight': '0',
    });
  });

  it('are read as proportions', async () => {
    expect(await alb(RULE, rules(forward('1', '3'))).traffic.get()).toBe(25);
    await expect(alb(RULE, rules(forward('0', '0'))).traffic.get()).rejects.toThrow();
  });

  const redirect = '<member><Type>redirect</Type></member>';
  const third = `<member><TargetGroupArn>${ELB_ARN}:targetgroup/x/1</TargetGroupArn><Weight>1</Weight></member>`;
  it.each([
    ['a rule with another action', rules(redirect)],
    ['a rule with a second action', rules(`${redirect}${forward('1', '1')}`)],
    ['a third target group', rules(forward('1', '1', third))],
    ['a rule without the canary', rules(forward('1', '1').replace(CANARY, BASELINE))],
    ['a weight that is none', rules(forward('some', '1'))],
    ['no rule', { body: '<DescribeRulesResponse/>' }],
  ])('refuse %s, and nothing is set', async (_what, answer) => {
    const { asked, traffic } = alb(RULE, answer);
    await expect(traffic.set(10, 1)).rejects.toMatchObject({ code: 'SP-TRAFFIC' });
    expect(asked).toHaveLength(1);
  });
});

function deployment(...answers: { status?: number; body: object }[]) {
  const { http, asked } = wire(...answers);
  const api = new Aws({ region: 'eu-central-1' }, CODE_DEPLOY, world('/', { http, env }));
  const traffic = awsCodeDeploy({ deploymentFrom: 'DEPLOYMENT', within: 1_000 }, 'd-ABCDEF123', api);
  const operations = () => asked.map(({ headers }) => headers?.['x-amz-target']?.split('.')[1]);
  return { asked, operations, traffic };
}
const status = (value: string) => ({ body: { deploymentInfo: { status: value } } });
const ids = { body: { targetIds: ['cluster:service'] } };
const ecs = (weight: number) => ({
  body: {
    deploymentTargets: [
      {
        deploymentTargetType: 'ECSTarget',
        ecsTarget: {
          taskSetsInfo: [
            { taskSetLabel: 'Blue', trafficWeight: 100 - weight },
            { taskSetLabel: 'Green', trafficWeight: weight },
          ],
        },
      },
    ],
  },
});
const lambda = (weight: number) => ({
  body: {
    deploymentTargets: [{ lambdaTarget: { lambdaFunctionInfo: { targetVersionWeight: weight } } }],
  },
});

describe('a deployment of AWS CodeDeploy', () => {
  it('tells the weight of the new version, of ECS and of Lambda; without targets it is 0', async () => {
    expect(await deployment(ids, ecs(10)).traffic.get()).toBe(10);
    expect(await deployment(ids, lambda(0.1)).traffic.get()).toBe(10);
    expect(await deployment({ body: { targetIds: [] } }).traffic.get()).toBe(0);
    await expect(deployment(ids, { body: {} }).traffic.get()).rejects.toMatchObject({ code: 'SP-TRAFFIC' });
  });

  it('is stopped with its automatic rollback, once', async () => {
    const running = deployment(status('InProgress'), { body: { status: 'Pending' } }, ids, ecs(0));
    await setAndVerify(running.traffic, 0, 1);
    expect(running.operations()).toEqual([
      'GetDeployment',
      'StopDeployment',
      'ListDeploymentTargets',
      'BatchGetDeploymentTargets',
    ]);
    expect(JSON.parse(String(running.asked[1]?.body))).toEqual({
      deploymentId: 'd-ABCDEF123',
      autoRollbackEnabled: true,
    });
    const stopped = deployment(status('Stopped'));
    await stopped.traffic.set(0, 1);
    expect(stopped.operations()).toEqual(['GetDeployment']);
  });

  it('that has succeeded cannot be stopped, which is said', async () => {
    const { traffic } = deployment(status('Succeeded'), ids, ecs(100));
    await expect(traffic.set(0, 1)).rejects.toMatchObject({
      problem: { found: expect.stringContaining('it has succeeded') },
    });
  });

  it('is continued where it waits, left alone while it shifts, refused where it has failed', async () => {
    const waiting = deployment(status('Ready'), { body: {} });
    await waiting.traffic.set(10, 1);
    expect(waiting.operations()).toEqual(['GetDeployment', 'ContinueDeployment']);
    const shifting = deployment(status('InProgress'));
    await shifting.traffic.set(10, 1);
    expect(shifting.operations()).toEqual(['GetDeployment']);
    await expect(deployment(status('Failed')).traffic.set(10, 1)).rejects.toMatchObject({
      code: 'SP-TRAFFIC',
    });
  });
});
