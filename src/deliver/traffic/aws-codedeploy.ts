import { isObject, objectsOf, stringsOf } from '../../model/json/values.ts';
import type { Aws } from '../../platform/aws/client.ts';
import { type Traffic, trafficProblem } from './traffic.ts';

export const CODE_DEPLOY = { host: 'codedeploy', signingName: 'codedeploy' } as const;
const TARGET = 'CodeDeploy_20141006';
/** Nothing is shifted forward any more. */
const ENDED = new Set(['Succeeded', 'Failed', 'Stopped']);

/**
 * A blue/green deployment of AWS CodeDeploy for ECS or Lambda
 * (https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_StopDeployment.html). Its own configuration shifts the
 * traffic, so the plan's steps must be those of the configuration; a deployment that waits to be continued is continued.
 * A weight of 0 stops it with its automatic rollback. What is read back are the weights of its targets.
 */
export function awsCodeDeploy(
  plan: { deploymentFrom: string; within: number },
  deployment: string,
  api: Aws,
): Traffic {
  const name = `CodeDeploy deployment ${deployment}`;
  const call = async (operation: string, body: object) =>
    await api.json(`${TARGET}.${operation}`, '1.1', { deploymentId: deployment, ...body });
  const status = async (): Promise<string> => {
    const { deploymentInfo } = await call('GetDeployment', {});
    const found = isObject(deploymentInfo) ? deploymentInfo.status : undefined;
    if (typeof found === 'string') return found;
    throw trafficProblem(name, 'its status', JSON.stringify(deploymentInfo ?? null).slice(0, 200));
  };
  const weight = async (): Promise<number> => {
    const listed = await call('ListDeploymentTargets', {});
    const targetIds = stringsOf(listed.targetIds);
    // Before there are targets, nothing can have been shifted.
    if (targetIds.length === 0) return 0;
    const { deploymentTargets } = await call('BatchGetDeploymentTargets', { targetIds });
    const weights = objectsOf(deploymentTargets).map(weightOfTarget);
    const [first] = weights;
    if (first !== undefined && first !== null && weights.every((one) => one === first)) return first;
    throw trafficProblem(
      name,
      'one weight of its targets',
      JSON.stringify(deploymentTargets ?? null).slice(0, 300),
    );
  };
  return {
    name,
    fenced: false,
    patience: plan.within,
    ending: () => api.ending(),
    get: weight,
    set: async (wanted) => {
      const now = await status();
      if (wanted === 0) {
        if (!ENDED.has(now)) await call('StopDeployment', { autoRollbackEnabled: true });
        else if (now === 'Succeeded' && (await weight()) !== 0)
          throw trafficProblem(
            name,
            'a deployment that can be stopped',
            'it has succeeded: deploy the old version',
          );
      } else if (now === 'Ready') await call('ContinueDeployment', { deploymentWaitType: 'READY_WAIT' });
      else if (ENDED.has(now) && now !== 'Succeeded')
        throw trafficProblem(name, 'a deployment that goes on', now);
    },
  };
}

/** Percent of the new version: ECS by the task set that is Green, Lambda by the version's weight, 0 to 1. */
function weightOfTarget(target: Record<string, unknown>): number | null {
  const { ecsTarget, lambdaTarget } = target;
  if (isObject(ecsTarget)) {
    const green = objectsOf(ecsTarget.taskSetsInfo).filter((set) => set.taskSetLabel === 'Green');
    if (green.length === 0) return 0;
    const found = green[0]?.trafficWeight;
    return green.length === 1 && typeof found === 'number' ? found : null;
  }
  const info = isObject(lambdaTarget) ? lambdaTarget.lambdaFunctionInfo : undefined;
  if (!isObject(info)) return null;
  return typeof info.targetVersionWeight === 'number' ? info.targetVersionWeight * 100 : 0;
}
