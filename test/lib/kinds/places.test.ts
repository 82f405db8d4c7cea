// Values that are given by their place, and not by a name, of a kind that is not taken.
import { Duration } from 'aws-cdk-lib';
import { Repository } from 'aws-cdk-lib/aws-ecr';
import {
  BaseImage,
  ImageAssembler,
  McpAuth,
  McpNetwork,
  McpServerCode,
  Packaging,
  StatefulMcpServer,
} from '../../../lib';
import { removeProjects } from '../fixtures/projects';
import { errorOf, greetingServer, GREETING_SERVER, unbundledStack } from '../fixtures/stacks';
import { bound, packaged, VALUES, type ValueName } from './values';

afterEach(removeProjects);

/** Values that are given by their place. */
const PLACES: readonly (readonly [string, string, readonly ValueName[], (value: never) => unknown])[] = [
  [
    'McpServerCode.fromTypeScript',
    'entry',
    ['text', 'file URL', 'removal policy'],
    entry => bound(McpServerCode.fromTypeScript(entry)),
  ],
  ['McpServerCode.fromStdio', 'packageName', ['text', 'removal policy'], name => bound(McpServerCode.fromStdio(name))],
  [
    'McpServerCode.fromPythonStdio',
    'requirement',
    ['text', 'removal policy'],
    requirement => bound(McpServerCode.fromPythonStdio(requirement, { projectDirectory: 'server' })),
  ],
  [
    'McpServerCode.fromBundle',
    'directory',
    ['text', 'file URL', 'removal policy'],
    directory => bound(McpServerCode.fromBundle(directory, 'main.js')),
  ],
  [
    'McpServerCode.fromBundle',
    'entry',
    ['text', 'removal policy'],
    entry => bound(McpServerCode.fromBundle('dist', entry)),
  ],
  [
    'McpServerCode.fromPython',
    'directory',
    ['text', 'file URL', 'removal policy'],
    directory => bound(McpServerCode.fromPython(directory)),
  ],
  [
    'McpServerCode.fromDockerfile',
    'directory',
    ['text', 'file URL', 'removal policy'],
    directory => bound(McpServerCode.fromDockerfile(directory)),
  ],
  ['McpServerCode.fromImageUri', 'uri', [], uri => bound(McpServerCode.fromImageUri(uri))],
  ['McpServerCode.of', 'artifact', ['artifact of the L2'], artifact => bound(McpServerCode.of(artifact))],
  [
    'McpAuth.of',
    'configuration',
    ['authorizer of the L2'],
    configuration => greetingServer(unbundledStack(), { auth: McpAuth.of(configuration) }),
  ],
  [
    'McpNetwork.of',
    'configuration',
    ['network of the L2'],
    configuration => greetingServer(unbundledStack(), { network: McpNetwork.of(configuration) }),
  ],
  [
    'BaseImage.fromRegistry',
    'reference',
    [],
    reference => packaged(Packaging.image({ baseImage: BaseImage.fromRegistry(reference) })),
  ],
];

describe.each(PLACES)('%s, `%s`', (_factory, name, takes, make) => {
  test.each([
    ['undefined', undefined],
    ...Object.entries(VALUES).filter(([value]) => !(takes as readonly string[]).includes(value)),
  ])('refuses %s', (_value, value) => {
    const message = errorOf(() => make(value as never));
    expect(message).toMatch(new RegExp(`^\\[Stack/Server\\] \`${name}\` is .* allowed`, 's'));
  });
});

test.each([undefined, null, 1.2, ['v1'], { tag: 'v1' }])(
  'a tag that is %j is refused, and makes no image without one',
  tag => {
    const stack = unbundledStack();
    const repository = new Repository(stack, 'Images');
    expect(
      errorOf(() => greetingServer(stack, { code: McpServerCode.fromEcrRepository(repository, tag as never) })),
    ).toMatch(/^\[Stack\/Server\] `tagOrDigest` is .*; a string is allowed: give one$/);
    const baseImage = BaseImage.fromEcrRepository(repository, tag as never);
    expect(errorOf(() => packaged(Packaging.image({ baseImage })))).toContain('`tagOrDigest` is ');
    expect(
      errorOf(() =>
        greetingServer(unbundledStack(), { code: McpServerCode.fromEcrRepository('images' as never, 'v1') }),
      ),
    ).toContain('`repository` is "images"; an IRepository is allowed');
  },
);

test.each(['zip', 1, null, [], Packaging.zip(), Duration.minutes(1)])('options that are %p are refused', options => {
  const factories = [
    () => bound(McpServerCode.fromTypeScript(GREETING_SERVER, options as never)),
    () => bound(McpServerCode.fromStdio('server', options as never)),
    () => bound(McpServerCode.fromPython('server', options as never)),
    () => bound(McpServerCode.fromPythonStdio('server==1.0.0', options as never)),
    () => bound(McpServerCode.fromDockerfile('server', options as never)),
    () => packaged(Packaging.image(options as never)),
    () => new ImageAssembler(unbundledStack(), 'Assembler', options as never),
    () => new StatefulMcpServer(unbundledStack(), 'Server', options as never),
    () => greetingServer(unbundledStack(), { auth: McpAuth.jwt(options as never) }),
    () => greetingServer(unbundledStack(), { auth: McpAuth.cognito(options as never) }),
  ];
  for (const factory of factories) {
    expect(errorOf(factory)).toMatch(/^\[Stack\/\w+\] `(?:options|props)` is .*; an object is allowed/);
  }
});
