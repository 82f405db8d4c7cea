import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { App, Lazy, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { McpRelease, McpServerCode, StatefulMcpServer, type DockerfileCodeOptions } from '../../../../lib';
import { nagFindings } from '../../fixtures/cdk-nag';
import { project, removeProjects } from '../../fixtures/projects';
import { errorOf, permissionsOf } from '../../fixtures/stacks';

afterEach(removeProjects);

interface DockerAsset {
  readonly source: { readonly directory: string } & Record<string, unknown>;
}

function built(directory: string, options?: DockerfileCodeOptions, context?: Record<string, unknown>) {
  const outdir = project({});
  const app = new App({ outdir, context });
  const stack = new Stack(app, 'Stack');
  const server = new StatefulMcpServer(stack, 'Server', {
    code: McpServerCode.fromDockerfile(directory, options),
    release: McpRelease.direct(),
  });
  const images = (): DockerAsset[] => {
    app.synth();
    const { dockerImages } = JSON.parse(readFileSync(path.join(outdir, 'Stack.assets.json'), 'utf8')) as {
      dockerImages: Record<string, DockerAsset>;
    };
    return Object.values(dockerImages);
  };
  return { stack, server, images, outdir };
}

function filesOf(outdir: string, [image]: DockerAsset[]): string[] {
  return readdirSync(path.join(outdir, image?.source.directory ?? ''));
}

const FILES = {
  Dockerfile: 'FROM scratch AS build\nCOPY . /app\nFROM build\nUSER 1000:1000\nENTRYPOINT ["/app/server"]\n',
  server: 'a program',
  'notes/private.txt': 'a secret',
  'notes/public.txt': 'no secret',
  '.dockerignore': '# not for the image\nnotes/**\n!notes/public.txt\n',
};

describe('a Dockerfile', () => {
  test('is built for linux/arm64, wherever that is', () => {
    const { images } = built(project(FILES));
    expect(images()).toMatchObject([{ source: { platform: 'linux/arm64' } }]);
  });

  test('can be another, with arguments, secrets and a target', () => {
    const { images } = built(project({ 'docker/server.Dockerfile': 'FROM scratch AS build' }), {
      file: 'docker/server.Dockerfile',
      target: 'build',
      buildArgs: { VERSION: '1' },
      buildSecrets: { token: 'src=token.txt' },
    });
    expect(images()).toMatchObject([
      {
        source: {
          platform: 'linux/arm64',
          dockerFile: 'docker/server.Dockerfile',
          dockerBuildTarget: 'build',
          dockerBuildArgs: { VERSION: '1' },
          dockerBuildSecrets: { token: 'src=token.txt' },
        },
      },
    ]);
  });

  test('sees what .dockerignore leaves, by the rules of Docker', () => {
    const { images, outdir } = built(project(FILES));
    const [image] = images();
    const folder = path.join(outdir, image?.source.directory ?? '');
    expect(readdirSync(folder).sort()).toEqual(['.dockerignore', 'Dockerfile', 'notes', 'server']);
    expect(readdirSync(path.join(folder, 'notes'))).toEqual(['public.txt']);
  });

  test('becomes the code of a runtime that may pull from the repository for assets', () => {
    const { stack, server } = built(project(FILES));
    const repository = { 'Fn::Sub': 'cdk-hnb659fds-container-assets-${AWS::AccountId}-${AWS::Region}' };
    Template.fromStack(stack).hasResourceProperties('AWS::BedrockAgentCore::Runtime', {
      AgentRuntimeArtifact: {
        ContainerConfiguration: {
          ContainerUri: { 'Fn::Sub': Match.stringLikeRegexp('/cdk-hnb659fds-container-assets-.*:[0-9a-f]{64}$') },
        },
      },
    });
    expect(stack.resolve(server.imageUri)).toEqual({
      'Fn::Sub': expect.stringMatching(/\/cdk-hnb659fds-container-assets-.*:[0-9a-f]{64}$/) as unknown,
    });
    const permissions = permissionsOf(stack, server.role);
    expect(permissions['ecr:GetAuthorizationToken']).toBe('*');
    expect(permissions['ecr:BatchGetImage']).toEqual(permissions['ecr:GetDownloadUrlForLayer']);
    expect(JSON.stringify(permissions['ecr:BatchGetImage'])).toContain(JSON.stringify(repository));
    expect(permissions).not.toHaveProperty('ecr:PutImage');
    expect(nagFindings(stack)).toEqual([]);
  });
});

describe('a stack that is not being bundled', () => {
  const context = { 'aws:cdk:bundling-stacks': ['Another'] };

  test.each([
    ['is there', FILES],
    ['has no Dockerfile yet', {}],
  ])('leaves the directory alone, when it %s', (_case, files) => {
    const { stack, images, outdir } = built(project(files), {}, context);
    expect(filesOf(outdir, images())).toEqual(['Dockerfile']);
    Template.fromStack(stack).resourceCountIs('AWS::BedrockAgentCore::Runtime', 1);
  });

  test('does not need the directory', () => {
    const directory = path.join(project({}), 'dist');
    const { images, outdir } = built(directory, {}, context);
    expect(filesOf(outdir, images())).toEqual(['Dockerfile']);
    expect(existsSync(directory)).toBe(false);
  });
});

describe('a directory is refused', () => {
  test('that does not exist', () => {
    const directory = path.join(project({}), 'missing');
    expect(errorOf(() => built(directory))).toBe(
      `[Stack/Server] \`directory\` is "${directory}", and there is no ${directory}: ` +
        'give the folder with the Dockerfile, relative to the folder that the CDK app runs in',
    );
  });

  test('that is a file', () => {
    expect(errorOf(() => built(path.join(project(FILES), 'Dockerfile')))).toContain(
      ', which is a file: give the folder with the Dockerfile, and name the file by `file`',
    );
  });

  test('that has no Dockerfile', () => {
    expect(errorOf(() => built(project({ server: '' })))).toContain(
      ', and there is no Dockerfile in it: add one, or give the path of yours by `file`',
    );
    expect(errorOf(() => built(project(FILES), { file: 'other.Dockerfile' }))).toContain(
      ', and there is no other.Dockerfile in it',
    );
  });

  test('that is an unresolved token', () => {
    expect(errorOf(() => built(Lazy.string({ produce: () => 'server' })))).toMatch(
      /^\[Stack\/Server\] `directory` is an unresolved token; /,
    );
  });
});

describe('a Dockerfile is refused', () => {
  test.each(['../py/Dockerfile', '/etc/hosts', 'docker/../../Dockerfile'])(
    'that is not below the directory: %s',
    file => {
      const directory = path.join(
        project({ 'server/docker/Dockerfile': '', 'py/Dockerfile': '', Dockerfile: '' }),
        'server',
      );
      expect(errorOf(() => built(directory, { file }))).toBe(
        `[Stack/Server] \`file\` is "${file}"; files below \`directory\` are allowed, by their paths in it: ` +
          'move it there, or give the folder above as `directory`',
      );
    },
  );

  test.each(['docker', '.'])('that is a folder: %j', file => {
    expect(errorOf(() => built(project({ 'docker/Dockerfile': '' }), { file }))).toBe(
      `[Stack/Server] \`file\` is "${file}", which is a folder: give the Dockerfile in it`,
    );
  });

  test('that is an unresolved token', () => {
    expect(errorOf(() => built(project(FILES), { file: Lazy.string({ produce: () => 'Dockerfile' }) }))).toBe(
      '[Stack/Server] `file` is an unresolved token; it is needed now, before the deployment: give a value that is known at synthesis',
    );
  });
});
