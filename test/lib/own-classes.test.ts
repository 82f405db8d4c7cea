import { AgentRuntimeArtifact, RuntimeAuthorizerConfiguration } from 'aws-cdk-lib/aws-bedrockagentcore';
import type { Construct } from 'constructs';
import {
  BaseImage,
  McpAuth,
  McpServerCode,
  Packaging,
  type BaseImageConfig,
  type McpServerCodeConfig,
  type McpServerProgram,
} from '../../lib';
import { greetingServer, GREETING_SERVER, propertiesOf, unbundledStack } from './fixtures/stacks';

const IMAGE = '123456789012.dkr.ecr.eu-west-1.amazonaws.com/own:v1';
const RUNTIME = 'AWS::BedrockAgentCore::Runtime';

class OwnAuth extends McpAuth {
  public bind(): RuntimeAuthorizerConfiguration {
    return RuntimeAuthorizerConfiguration.usingJWT('https://example.com/.well-known/openid-configuration', ['client']);
  }
}

class OwnCode extends McpServerCode {
  public bind(): McpServerCodeConfig {
    return { artifact: AgentRuntimeArtifact.fromImageUri(IMAGE), environment: { FROM_CODE: 'yes' } };
  }
}

class OwnPackaging extends Packaging {
  public bind(_scope: Construct, program: McpServerProgram): McpServerCodeConfig {
    return {
      artifact: AgentRuntimeArtifact.fromImageUri(IMAGE),
      environment: { STARTED_BY: program.imageEntryPoint.join(' ') },
      usesServerKit: program.usesServerKit,
    };
  }
}

class OwnBaseImage extends BaseImage {
  public bind(): BaseImageConfig {
    return { reference: 'registry.example.com/node:24' };
  }
}

test('an auth of your own decides who may call', () => {
  const stack = unbundledStack();
  greetingServer(stack, { auth: new OwnAuth() });
  expect(propertiesOf(stack, RUNTIME)).toMatchObject({
    AuthorizerConfiguration: { CustomJWTAuthorizer: { AllowedClients: ['client'] } },
  });
});

test('a code of your own is what the runtime is made from', () => {
  const stack = unbundledStack();
  greetingServer(stack, { code: new OwnCode() });
  expect(propertiesOf(stack, RUNTIME)).toMatchObject({
    AgentRuntimeArtifact: { ContainerConfiguration: { ContainerUri: IMAGE } },
    EnvironmentVariables: { FROM_CODE: 'yes' },
  });
});

test('a packaging of your own gets the program', () => {
  const stack = unbundledStack();
  greetingServer(stack, { code: McpServerCode.fromTypeScript(GREETING_SERVER, { packaging: new OwnPackaging() }) });
  expect(propertiesOf(stack, RUNTIME)).toMatchObject({
    AgentRuntimeArtifact: { ContainerConfiguration: { ContainerUri: IMAGE } },
    EnvironmentVariables: { STARTED_BY: 'node --enable-source-maps index.js' },
  });
});

test('a base image of your own is what the image is built on', () => {
  const stack = unbundledStack();
  const packaging = Packaging.image({ baseImage: new OwnBaseImage() });
  greetingServer(stack, { code: McpServerCode.fromTypeScript(GREETING_SERVER, { packaging }) });
  expect(propertiesOf(stack, 'Custom::ImageAssembly').baseImage).toBe('registry.example.com/node:24');
});
