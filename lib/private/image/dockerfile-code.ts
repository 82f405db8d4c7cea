import { existsSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { IgnoreMode, Stack, Token } from 'aws-cdk-lib';
import { DockerImageAsset, Platform, type DockerImageAssetProps } from 'aws-cdk-lib/aws-ecr-assets';
import type { Construct } from 'constructs';
import { statsOf } from '../common/file-path';
import type { DockerfileCodeOptions } from '../../code/dockerfile-code-options';
import { constructError, refuse } from '../common/construct-error';
import { containerArtifact } from './container-artifact';
import { grantPull } from './image-pull';
import type { RuntimeCode } from '../program/runtime-code';
import { temporaryFolder } from '../common/temporary-folder';
import { unresolvedProblems } from '../common/unresolved';

/**
 * Has Docker build an image while the app is deployed.
 *
 * Where the CDK does not want this stack bundled (`cdk list`, or another stack is being deployed), the directory is
 * left alone. It may be large, or not be there before another build has run. An image of nothing stands in, so that the
 * template is the same but for a hash, permissions included.
 */
export function dockerfileCode(scope: Construct, directory: string, options: DockerfileCodeOptions): RuntimeCode {
  if (Token.isUnresolved(directory)) {
    throw constructError(
      scope,
      '`directory` is an unresolved token; the CDK looks into it now, before the deployment: give a path on this machine',
    );
  }
  const { file, target, buildArgs, buildSecrets } = options;
  refuse(scope, [...unresolvedProblems({ file, target, buildArgs, buildSecrets }), ...nameProblems(buildArgs ?? {})]);
  const image = new DockerImageAsset(scope, 'Image', {
    ...(Stack.of(scope).bundlingRequired ? contextOf(scope, directory, options) : { directory: emptyContext() }),
    platform: Platform.LINUX_ARM64,
    // Docker's own rules for `.dockerignore`, which the CDK follows only where a feature flag is set.
    ignoreMode: IgnoreMode.DOCKER,
  });
  return {
    artifact: containerArtifact(image.imageUri, role => grantPull(role, image.repository)),
    imageUri: image.imageUri,
  };
}

function contextOf(scope: Construct, directory: string, options: DockerfileCodeOptions): DockerImageAssetProps {
  const problem = contextProblem(directory, options.file ?? 'Dockerfile');
  if (problem !== undefined) {
    throw constructError(scope, problem);
  }
  return { ...options, directory };
}

/** Docker takes what is before the first `=` for the name. */
function nameProblems(buildArgs: Readonly<Record<string, string>>): string[] {
  return Object.keys(buildArgs)
    .filter(name => /[=\s]/.test(name))
    .map(
      name =>
        `\`buildArgs\` has an argument named ${JSON.stringify(name)}; names without "=" and spaces are allowed: give the name that \`ARG\` has`,
    );
}

function emptyContext(): string {
  const folder = temporaryFolder();
  writeFileSync(path.join(folder, 'Dockerfile'), 'FROM scratch\n');
  return folder;
}

function contextProblem(directory: string, file: string): string | undefined {
  const folder = path.resolve(directory);
  if (!existsSync(folder)) {
    return (
      `\`directory\` is ${JSON.stringify(directory)}, and there is no ${folder}: give the folder with the Dockerfile, ` +
      'relative to the folder that the CDK app runs in'
    );
  }
  if (!statSync(folder).isDirectory()) {
    return `\`directory\` is ${JSON.stringify(directory)}, which is a file: give the folder with the Dockerfile, and name the file by \`file\``;
  }
  const relative = path.relative(folder, path.resolve(folder, file));
  if (relative.startsWith('..') || path.isAbsolute(relative) || path.isAbsolute(file)) {
    return `\`file\` is ${JSON.stringify(file)}; files below \`directory\` are allowed, by their paths in it: move it there, or give the folder above as \`directory\``;
  }
  const stats = statsOf(path.join(folder, file));
  if (stats?.isFile() === false) {
    return `\`file\` is ${JSON.stringify(file)}, which is a folder: give the Dockerfile in it`;
  }
  if (stats === undefined) {
    return `\`directory\` is ${JSON.stringify(directory)}, and there is no ${file} in it: add one, or give the path of yours by \`file\``;
  }
  return undefined;
}
