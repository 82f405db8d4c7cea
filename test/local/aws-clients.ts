import { BedrockAgentCoreClient } from '@aws-sdk/client-bedrock-agentcore';
import { BedrockAgentCoreControlClient } from '@aws-sdk/client-bedrock-agentcore-control';

export const CREDENTIALS = { accessKeyId: 'AKIDLOCAL', secretAccessKey: 'local-secret' };

interface Destroyed {
  destroy(): void;
}

const clients: Destroyed[] = [];

afterEach(() => {
  for (const client of clients.splice(0)) {
    client.destroy();
  }
});

/** The AWS SDK's own client of the data plane, with nothing but another endpoint. */
export function dataClient(endpoint: string, credentials = CREDENTIALS): BedrockAgentCoreClient {
  const client = new BedrockAgentCoreClient({ endpoint, region: 'us-east-1', credentials });
  clients.push(client);
  return client;
}

/** The AWS SDK's own client of the control plane, with nothing but another endpoint. */
export function controlClient(endpoint: string, credentials = CREDENTIALS): BedrockAgentCoreControlClient {
  const client = new BedrockAgentCoreControlClient({ endpoint, region: 'us-east-1', credentials });
  clients.push(client);
  return client;
}
