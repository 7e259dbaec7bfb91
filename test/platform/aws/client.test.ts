import { describe, expect, it } from 'vitest';
import { Aws } from '../../../src/platform/aws/client.ts';
import { readXml } from '../../../src/platform/aws/xml.ts';
import { formOf, wire } from '../../deliver/wire.ts';
import { world } from '../../deliver/world.ts';

const SERVICE = { host: 'codedeploy', signingName: 'codedeploy' };
const KEYS = { AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: 'secret' };
const STS = `<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleWithWebIdentityResult><Credentials><SessionToken>session</SessionToken><SecretAccessKey>hidden</SecretAccessKey><Expiration>2030-01-01T01:00:00Z</Expiration><AccessKeyId>ASIA1</AccessKeyId></Credentials></AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>`;
const jwt = `e30.${Buffer.from('{"exp":1893456300}').toString('base64url')}.c2ln`;

describe('a call of AWS', () => {
  it('is signed with the keys of the environment, for the region and the service', async () => {
    const { http, asked } = wire({ body: { ok: 1 } });
    const api = new Aws({ region: 'eu-central-1' }, SERVICE, world('/', { http, env: KEYS }));
    expect(await api.json('CodeDeploy_20141006.GetDeployment', '1.1', { deploymentId: 'd' })).toEqual({
      ok: 1,
    });
    expect(asked[0]).toMatchObject({
      method: 'POST',
      url: 'https://codedeploy.eu-central-1.amazonaws.com/',
      retries: 0,
      body: '{"deploymentId":"d"}',
      headers: {
        'content-type': 'application/x-amz-json-1.1',
        'x-amz-target': 'CodeDeploy_20141006.GetDeployment',
        authorization: expect.stringMatching(
          /Credential=AKIDEXAMPLE\/\d{8}\/eu-central-1\/codedeploy\/aws4_request/u,
        ),
      },
    });
    expect(api.ending()).toBeNull();
  });

  it('goes to the domain of China’s regions, and to another address where one is named', async () => {
    const { http, asked } = wire({ body: {} }, { body: {} });
    const context = world('/', { http, env: KEYS });
    await new Aws({ region: 'cn-north-1' }, SERVICE, context).json('a.b', '1.0', {});
    await new Aws({ region: 'eu-central-1', endpoint: 'https://vpce.example' }, SERVICE, context).json(
      'a.b',
      '1.0',
      {},
    );
    expect(asked.map(({ url }) => url)).toEqual([
      'https://codedeploy.cn-north-1.amazonaws.com.cn/',
      'https://vpce.example/',
    ]);
  });

  it('takes a role with the identity of the job, and takes it again before its hour is over', async () => {
    let now = Date.parse('2030-01-01T00:00:00Z');
    const token = { body: { value: jwt } };
    const { http, asked, left } = wire(
      token,
      { body: STS },
      { body: {} },
      { body: {} },
      token,
      {
        status: 403,
        body: '<ErrorResponse><Error><Code>AccessDenied</Code></Error></ErrorResponse>',
      },
      { body: {} },
    );
    const env = {
      ACTIONS_ID_TOKEN_REQUEST_URL: 'https://token.example/',
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'b',
    };
    const context = world('/', { http, env, clock: { now: () => new Date(now) } });
    const role = 'arn:aws:iam::123456789012:role/canary';
    const api = new Aws({ region: 'eu-central-1', roleArn: role }, SERVICE, context);
    await api.json('a.b', '1.0', {});
    now += 10 * 60_000;
    await api.json('a.b', '1.0', {});
    expect(formOf(asked[1])).toMatchObject({
      Action: 'AssumeRoleWithWebIdentity',
      RoleArn: role,
      WebIdentityToken: jwt,
    });
    expect(asked[2]?.headers).toMatchObject({
      'x-amz-security-token': 'session',
      authorization: expect.stringContaining('Credential=ASIA1/'),
    });
    // The role is refused now: the credential that still lasts is used, and its end is told in time.
    now += 46 * 60_000;
    await api.json('a.b', '1.0', {});
    expect(left()).toBe(0);
    expect(api.ending()).toBe(
      'the AWS credential ends in 240 s and could not be renewed: the role could not be taken',
    );
  });

  it('takes what a credential process prints', async () => {
    const { http, asked } = wire({ body: {} });
    const printed = {
      Version: 1,
      AccessKeyId: 'AKP',
      SecretAccessKey: 's',
      Expiration: '2030-01-01T00:00:00Z',
    };
    const run = (text: string) =>
      new Aws(
        {
          region: 'us-east-1',
          credentialCommand: [process.execPath, '-e', `process.stdout.write(${JSON.stringify(text)})`],
        },
        SERVICE,
        world('/tmp', { http }),
      ).json('a.b', '1.0', {});
    await run(JSON.stringify(printed));
    expect(asked[0]?.headers?.authorization).toContain('Credential=AKP/');
    for (const bad of [
      '',
      '{}',
      JSON.stringify({ ...printed, Version: 2 }),
      JSON.stringify({ ...printed, AccessKeyId: '' }),
    ])
      await expect(run(bad)).rejects.toMatchObject({ code: 'SP-CREDENTIAL' });
  });

  it('says what AWS refused, and that there are no keys', async () => {
    const { http } = wire(
      { status: 400, body: { __type: 'com.amazonaws#ThrottlingException', message: 'Rate exceeded' } },
      { status: 500, body: 'oops' },
      {
        status: 403,
        body: '<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>',
      },
      { status: 200, body: 'not xml' },
    );
    const api = new Aws({ region: 'us-east-1' }, SERVICE, world('/', { http, env: KEYS }));
    const found = async (work: Promise<unknown>) =>
      await work.then(
        () => 'accepted',
        (error) => `${error.problem.code} ${error.problem.found}`,
      );
    expect(await found(api.json('x.Y', '1.0', {}))).toBe('SP-AWS HTTP 400 ThrottlingException Rate exceeded');
    expect(await found(api.json('x.Y', '1.0', {}))).toBe('SP-AWS HTTP 500  ');
    expect(await found(api.query('1', 'A', {}))).toBe('SP-AWS HTTP 403 AccessDenied no');
    expect(await found(api.query('1', 'A', {}))).toBe('SP-AWS not xml');
    const none = new Aws({ region: 'us-east-1' }, SERVICE, world('/', { http, env: {} }));
    expect(await found(none.json('x.Y', '1.0', {}))).toMatch(/^SP-CREDENTIAL/u);
  });

  it('refuses XML with a document type', () => {
    expect(() => readXml('<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', 'it')).toThrow(/no XML/u);
  });
});
