import { existsSync, statSync } from 'node:fs';
import path from 'node:path';
import { IgnoreMode, Stack, Token } from 'aws-cdk-lib';
import { DockerImageAsset, Platform } from 'aws-cdk-lib/aws-ecr-assets';
import type { Construct } from 'constructs';
import type { DockerfileCodeOptions } from '../../dockerfile-code-options';
import { constructError } from '../common/construct-error';
import { containerArtifact } from './container-artifact';
import { grantPull } from './image-pull';
import type { RuntimeCode } from '../program/runtime-code';
import { unresolvedProblems } from '../common/unresolved';

/**
 * Has Docker build an image while the app is deployed.
 *
 * Where the CDK does not want this stack bundled (`cdk list`, or another stack is being deployed), the directory is
 * left alone: it may be large, or not be there before another build has run. Nobody deploys the stack with the URI that
 * stands in.
 */
export function dockerfileCode(scope: Construct, directory: string, options: DockerfileCodeOptions): RuntimeCode {
  if (Token.isUnresolved(directory)) {
    throw constructError(
      scope,
      '`directory` is an unresolved token; the CDK looks into it now, before the deployment: give a path on this machine',
    );
  }
  const unresolved = unresolvedProblems({ file: options.file });
  if (unresolved.length > 0) {
    throw constructError(scope, ...unresolved);
  }
  const { account, region, urlSuffix, bundlingRequired } = Stack.of(scope);
  if (!bundlingRequired) {
    const imageUri = `${account}.dkr.ecr.${region}.${urlSuffix}/not-built:not-built`;
    return { artifact: containerArtifact(imageUri), imageUri, grantTo: () => [] };
  }
  const problem = contextProblem(directory, options.file ?? 'Dockerfile');
  if (problem !== undefined) {
    throw constructError(scope, problem);
  }
  const image = new DockerImageAsset(scope, 'Image', {
    ...options,
    directory,
    platform: Platform.LINUX_ARM64,
    // Docker's own rules for `.dockerignore`, which the CDK follows only where a feature flag is set.
    ignoreMode: IgnoreMode.DOCKER,
  });
  return {
    artifact: containerArtifact(image.imageUri),
    imageUri: image.imageUri,
    grantTo: role => grantPull(role, image.repository),
  };
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
  const stats = statSync(path.join(folder, file), { throwIfNoEntry: false });
  if (stats?.isFile() === false) {
    return `\`file\` is ${JSON.stringify(file)}, which is a folder: give the Dockerfile in it`;
  }
  if (stats === undefined) {
    return `\`directory\` is ${JSON.stringify(directory)}, and there is no ${file} in it: add one, or give the path of yours by \`file\``;
  }
  return undefined;
}
