import { CfnOutput, Lazy } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { substituted } from '../common/substitution';
import type { CognitoResources } from './cognito-resources';

/**
 * What a host needs to connect, as outputs of the stack. Their logical ids end in `AuthUrl`, `AuthClientId`,
 * `AuthScopes`, `AuthCallbackPort`, `AuthMetadataUrl`, `AuthMachineClientId` and `AuthTokenEndpoint`, each with a hash
 * behind it.
 *
 * @param server - whose endpoint is known after its auth
 */
export function addConnectionOutputs(server: Construct, resources: CognitoResources, callbackPort: number): void {
  const url = Lazy.string({ produce: () => (server as Construct & { readonly url: string }).url });
  const { publicClient, machineClient, scopes, metadataUrl, domainUrl } = resources;
  const output = (id: string, value: string, description: string): void => {
    new CfnOutput(resources, id, { value: substituted(value), description });
  };
  output('Url', url, 'URL of the MCP server');
  output('ClientId', publicClient.userPoolClientId, 'Client id for people who sign in to the MCP server');
  output('Scopes', scopes.join(' '), 'Scopes of the MCP server');
  output('CallbackPort', String(callbackPort), 'Port that hosts wait at for the browser');
  if (metadataUrl !== undefined) {
    output('MetadataUrl', metadataUrl, 'Metadata of the authorization server of the MCP server');
  }
  if (machineClient !== undefined) {
    output('MachineClientId', machineClient.userPoolClientId, 'Client id for machines that call the MCP server');
    output('TokenEndpoint', `${domainUrl}/oauth2/token`, 'Where machines get tokens for the MCP server');
  }
}
