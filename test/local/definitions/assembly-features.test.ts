import type { SessionLogEntry } from 'stateful-mcp-local';
import { featuresOfTemplate } from '../../../local/src/definitions/assembly-features';
import { runtimeResource, writeAssembly } from '../assembly';
import { newRuntime } from '../running';

const customJWTAuthorizer = {
  DiscoveryUrl: 'https://idp.example/.well-known/openid-configuration',
  AllowedAudience: ['a'],
  AdvertisedScopeMapping: { 'Expenses:Read': 'read' },
  CustomClaims: [
    {
      InboundTokenClaimName: 'groups',
      InboundTokenClaimValueType: 'STRING_ARRAY',
      AuthorizingClaimMatchValue: { ClaimMatchOperator: 'CONTAINS', ClaimMatchValue: { MatchValueString: 'staff' } },
    },
  ],
};

test("a template's properties get the names of the service model, the keys of a map stay", () => {
  expect(
    featuresOfTemplate({
      AuthorizerConfiguration: { CustomJWTAuthorizer: customJWTAuthorizer },
      RequestHeaderConfiguration: { RequestHeaderAllowlist: ['X-Tenant'] },
      FilesystemConfigurations: [
        {},
        { SessionStorage: { MountPath: '/mnt/notes' } },
        { S3BucketMount: { Bucket: 'files', MountPath: '/mnt/files', Prefix: '{runtimeSessionId}/' } },
        { S3BucketMount: { Bucket: { Ref: 'Bucket' }, MountPath: '/mnt/all' } },
      ],
      PlatformVersion: 'V2',
      AllowedPorts: [{ Port: '9000' }, { PortRange: { From: 9100, To: 9199 } }],
      HooksConfiguration: { Build: { Warmup: { Action: { HttpPost: { Path: '/warmup' } } } } },
      ResourceConfigurations: [{ MinimumMemoryInMiB: 4096 }],
    }),
  ).toEqual({
    protocol: 'MCP',
    requestHeaderAllowlist: ['X-Tenant'],
    sessionStorage: '/mnt/notes',
    bucketMounts: [
      { bucket: 'files', mountPath: '/mnt/files', prefix: '{runtimeSessionId}/' },
      { bucket: '{"Ref":"Bucket"}', mountPath: '/mnt/all', prefix: '' },
    ],
    platformVersion: 'V2',
    allowedPorts: [
      { from: 9000, to: 9000 },
      { from: 9100, to: 9199 },
    ],
    warmup: { path: '/warmup' },
    minimumMemoryInMiB: 4096,
    customJWTAuthorizer: {
      discoveryUrl: customJWTAuthorizer.DiscoveryUrl,
      allowedAudience: ['a'],
      advertisedScopeMapping: { 'Expenses:Read': 'read' },
      customClaims: [
        {
          inboundTokenClaimName: 'groups',
          inboundTokenClaimValueType: 'STRING_ARRAY',
          authorizingClaimMatchValue: {
            claimMatchOperator: 'CONTAINS',
            claimMatchValue: { matchValueString: 'staff' },
          },
        },
      ],
    },
  });
});

test('the allowlist of a template holds, and an authorizer that names a user pool is left out with a note', async () => {
  const assembly = writeAssembly({
    Stack: {
      template: {
        Resources: {
          Pool: { Type: 'AWS::Cognito::UserPool' },
          Server: runtimeResource({
            RequestHeaderConfiguration: { RequestHeaderAllowlist: ['X-Tenant'] },
            AuthorizerConfiguration: {
              CustomJWTAuthorizer: { DiscoveryUrl: { 'Fn::Sub': 'https://${Pool}/.well-known/openid-configuration' } },
            },
          }),
        },
      },
    },
  });
  const log: SessionLogEntry[] = [];
  const runtime = newRuntime({ assembly, log: entry => log.push(entry) });
  await runtime.ready;
  const headers = {
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
    'x-tenant': 'one',
    'x-other': 'two',
  };
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'ping' });
  expect((await runtime.fetch(new Request('http://localhost/mcp', { method: 'POST', headers, body }))).status).toBe(
    200,
  );
  const notes = log.filter(({ stream }) => stream === 'runtime').map(({ line }) => line);
  expect(notes).toContainEqual(expect.stringContaining('its `AuthorizerConfiguration` is left out'));
  expect(notes).toContainEqual(expect.stringContaining('the header x-other is not in the request header allowlist'));
  expect(notes).not.toContainEqual(expect.stringContaining('the header x-tenant'));
});
