import { setTimeout } from 'node:timers/promises';
import {
  BedrockAgentCoreControlClient,
  GetAgentRuntimeEndpointCommand,
} from '@aws-sdk/client-bedrock-agentcore-control';
import {
  CognitoIdentityProviderClient,
  DescribeUserPoolClientCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';

/** What `stack.ts` says of the version to check. */
export interface CheckProperties {
  readonly runtimeId: string;
  readonly version: string;
  readonly url: string;
  readonly userPoolId: string;
  readonly clientId: string;
  readonly tokenEndpoint: string;
  readonly scope: string;
}

export interface CheckEvent {
  readonly RequestType: 'Create' | 'Update' | 'Delete';
  readonly ResourceProperties: CheckProperties;
}

/** Calls a new version as a machine does, through the endpoint DEFAULT. Where that fails, the deployment does. */
export async function handler(event: CheckEvent): Promise<{ readonly Data?: { readonly version: string } }> {
  const { RequestType: type, ResourceProperties: properties } = event;
  if (type === 'Delete') {
    return {};
  }
  await served(properties);
  const headers = { authorization: `Bearer ${await tokenFor(properties)}` };
  const transport = new StreamableHTTPClientTransport(new URL(properties.url), { requestInit: { headers } });
  const client = new Client({ name: 'release-check', version: '1.0.0' });
  await client.connect(transport);
  const { tools } = await client.listTools();
  await transport.terminateSession();
  await client.close();
  if (tools.length === 0) {
    throw new Error(`version ${properties.version} has no tools`);
  }
  return { Data: { version: properties.version } };
}

/** Waits until DEFAULT serves the version: it is made after the response to CloudFormation. */
async function served({ runtimeId, version }: CheckProperties): Promise<void> {
  const client = new BedrockAgentCoreControlClient();
  for (;;) {
    const { status, liveVersion, failureReason } = await client.send(
      new GetAgentRuntimeEndpointCommand({ agentRuntimeId: runtimeId, endpointName: 'DEFAULT' }),
    );
    if (status === 'READY' && liveVersion === version) {
      return;
    }
    if (status?.endsWith('FAILED') === true) {
      throw new Error(`version ${version} is ${status}: ${failureReason}`);
    }
    await setTimeout(1000);
  }
}

async function tokenFor({ userPoolId, clientId, tokenEndpoint, scope }: CheckProperties): Promise<string> {
  const { UserPoolClient: machine } = await new CognitoIdentityProviderClient().send(
    new DescribeUserPoolClientCommand({ UserPoolId: userPoolId, ClientId: clientId }),
  );
  const credentials = Buffer.from(`${clientId}:${machine?.ClientSecret}`).toString('base64');
  const response = await fetch(tokenEndpoint, {
    method: 'POST',
    headers: { authorization: `Basic ${credentials}` },
    body: new URLSearchParams({ grant_type: 'client_credentials', scope }),
  });
  if (!response.ok) {
    throw new Error(`${tokenEndpoint} gives no token: status ${response.status}`);
  }
  return ((await response.json()) as { access_token: string }).access_token;
}
