// A runtime of the local runtime whose operator asks for another scope while people use it, as a new version of it does
// on AgentCore: 403 with `insufficient_scope`, and a challenge that names the scopes.
import { CreateAgentRuntimeCommand, UpdateAgentRuntimeCommand } from '@aws-sdk/client-bedrock-agentcore-control';
import path from 'node:path';
import {
  clientCredentials,
  connect,
  fileTokenStore,
  memoryTokenStore,
  oauth,
  resolveTarget,
} from 'stateful-mcp-client';
import { invocationPath } from '../../../local/src/model/runtime-urls';
import { CREDENTIALS } from '../../local/aws-clients';
import { artifact, createInput, settled, startPlanes } from '../../local/control-plane/planes';
import { newFolder } from '../../local/assembly';
import { said } from '../deployed';
import { restoreEnvironment, temporaryDirectory } from '../environment';
import { closeProviders, signInByHttp, startProvider, type RunningProvider } from './provider';

afterEach(() => {
  restoreEnvironment();
  closeProviders();
});

const SERVER = path.join(__dirname, '../fixtures/deployed-server.mjs');

interface Guarded {
  readonly url: string;
  /** Has the next version ask for another scope. */
  ask(scope: string): Promise<void>;
}

/** A runtime that takes tokens with a scope; changes of it are signed (SigV4). */
async function guarded({ issuer }: RunningProvider, scope: string): Promise<Guarded> {
  const { control, runtime } = await startPlanes({ auth: 'platform-urls', credentials: [CREDENTIALS] });
  const agentRuntimeArtifact = artifact(newFolder(), `import(${JSON.stringify(SERVER)});`);
  const authorizerConfiguration = (allowed: string): object => ({
    customJWTAuthorizer: { discoveryUrl: `${issuer}/.well-known/openid-configuration`, allowedScopes: [allowed] },
  });
  const { agentRuntimeId, agentRuntimeArn = '' } = await control.send(
    new CreateAgentRuntimeCommand(
      createInput({ agentRuntimeArtifact, authorizerConfiguration: authorizerConfiguration(scope) as never }),
    ),
  );
  expect(await settled(control, agentRuntimeId)).toMatchObject({ status: 'READY' });
  const { url: origin } = await runtime.listen();
  return {
    url: `${origin}${invocationPath(agentRuntimeArn, 'DEFAULT')}`,
    ask: async next => {
      const { roleArn, protocolConfiguration } = createInput();
      await control.send(
        new UpdateAgentRuntimeCommand({
          agentRuntimeId,
          agentRuntimeArtifact,
          roleArn,
          protocolConfiguration,
          authorizerConfiguration: authorizerConfiguration(next) as never,
        }),
      );
      expect(await settled(control, agentRuntimeId)).toMatchObject({ status: 'READY' });
    },
  };
}

/** Somebody who answers each page as the list says, and the scopes of the pages. */
function person(...answers: ('consent' | 'abort')[]) {
  const pages: string[] = [];
  return {
    pages,
    options: {
      tokens: memoryTokenStore(),
      showUrl: (page: URL) => void pages.push(page.searchParams.get('scope') ?? ''),
      openBrowser: (page: URL) => signInByHttp(page, { answer: answers[pages.length - 1] ?? 'consent' }),
    },
  };
}

test('in a conversation, the person is asked once for all scopes, and the session goes on', async () => {
  const server = await guarded(await startProvider(), 'expenses:read');
  const { pages, options } = person();
  await using client = await connect({ target: server.url, auth: oauth(options) });
  expect(said(await client.callTool('count'))).toBe(1);
  await server.ask('expenses:write');
  expect(
    await Promise.all([client.callTool('count'), client.callTool('count')]).then(all => all.map(said).sort()),
  ).toEqual([2, 3]);
  expect(said(await client.callTool('count'))).toBe(4);
  expect(pages).toHaveLength(2);
  expect(pages[1]?.split(' ')).toEqual(expect.arrayContaining(['expenses:read', 'expenses:write']));
});

test('what a person refuses is named, and they are not asked again', async () => {
  const server = await guarded(await startProvider(), 'expenses:read');
  const { pages, options } = person('consent', 'abort');
  await using client = await connect({ target: server.url, auth: oauth(options) });
  await server.ask('expenses:write');
  const refused = {
    code: 'ERR_INSUFFICIENT_SCOPE',
    message: expect.stringContaining('expenses:write') as string,
    httpStatus: 403,
  };
  await expect(client.callTool('count')).rejects.toMatchObject(refused);
  await expect(client.callTool('count')).rejects.toMatchObject(refused);
  expect(pages).toHaveLength(2);
  await server.ask('expenses:read');
  expect(said(await client.callTool('count'))).toBe(1);
});

test('a program that may not have the scope asks for it once', async () => {
  const provider = await startProvider();
  const server = await guarded(provider, 'expenses:read');
  await using client = await connect({
    target: server.url,
    auth: clientCredentials({ clientId: 'agent', clientSecret: 'secret' }),
  });
  await server.ask('expenses:delete');
  for (let call = 0; call < 3; call += 1) {
    await expect(client.callTool('count')).rejects.toMatchObject({
      code: 'ERR_INSUFFICIENT_SCOPE',
      message: expect.stringContaining('expenses:delete') as string,
    });
  }
  await provider.settled();
  expect(provider.log.filter(line => line.startsWith('POST /token')).length).toBeLessThanOrEqual(2);
});

test('where nobody is, the scope is named, and a sign-in with it is enough for the next call', async () => {
  const server = await guarded(await startProvider(), 'expenses:read');
  const tokens = fileTokenStore(temporaryDirectory());
  const { pages, options } = person();
  const endpoint = await resolveTarget(server.url);
  await oauth({ ...options, tokens }).signIn(endpoint);
  await server.ask('expenses:write');
  await using client = await connect({
    target: server.url,
    auth: oauth({ ...options, tokens, interactive: false }),
  }).catch(async (error: unknown) => {
    expect(error).toMatchObject({
      code: 'ERR_SIGN_IN_REQUIRED',
      message: expect.stringContaining('expenses:write') as string,
      data: { scope: 'expenses:write' },
    });
    // Though the tokens can be renewed without a person.
    await oauth({ ...options, tokens, scopes: ['expenses:write'] }).signIn(endpoint);
    return connect({ target: server.url, auth: oauth({ ...options, tokens, interactive: false }) });
  });
  expect(said(await client.callTool('count'))).toBe(1);
  expect(pages).toHaveLength(2);
});
