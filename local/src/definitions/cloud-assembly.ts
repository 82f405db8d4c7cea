import { readFileSync } from 'node:fs';
import path from 'node:path';
import { LocalRuntimeError } from '../common/errors';
import { localRegion, UNKNOWN_ACCOUNT } from '../model/runtime-definition';
import type { TemplateValue } from './template-values';

export interface TemplateResource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, TemplateValue>>;
  readonly Metadata?: Readonly<Record<string, unknown>>;
}

export interface Template {
  readonly Resources?: Readonly<Record<string, TemplateResource>>;
  readonly Parameters?: Readonly<Record<string, { readonly Type: string; readonly Default?: string | number }>>;
  readonly Outputs?: Readonly<
    Record<string, { readonly Value: TemplateValue; readonly Export?: { readonly Name: TemplateValue } }>
  >;
}

/** A stack of a cloud assembly. */
export interface AssemblyStack {
  readonly name: string;
  readonly account: string;
  readonly region: string;
  readonly template: Template;
  /** What constructs say besides the template, by the path of the construct. */
  readonly metadata: StackMetadata;
}

type StackMetadata = Readonly<Record<string, readonly { readonly type: string; readonly data?: unknown }[]>>;

/** What one file asset is published as, and the file or directory it is made of. */
export interface FileAsset {
  readonly objectKey: string;
  readonly path: string;
  readonly packaging: string;
}

/**
 * One directory of a cloud assembly: the app itself, or one of its Stages. Its stacks are deployed together and may refer
 * to each other.
 */
export interface AssemblyStage {
  readonly directory: string;
  readonly stacks: readonly AssemblyStack[];
  readonly fileAssets: readonly FileAsset[];
}

interface Artifact {
  readonly type?: string;
  readonly environment?: string;
  readonly properties?: Readonly<Record<string, unknown>>;
  readonly metadata?: StackMetadata;
  /** Where the metadata is since schema version 48. */
  readonly additionalMetadataFile?: string;
}

interface Manifest {
  readonly artifacts?: Readonly<Record<string, Artifact>>;
}

interface AssetManifest {
  readonly files?: Readonly<
    Record<
      string,
      {
        readonly source?: { readonly path?: string; readonly packaging?: string };
        readonly destinations?: Readonly<Record<string, { readonly objectKey?: string }>>;
      }
    >
  >;
}

/**
 * Reads a directory that the CDK has synthesized, with the Stages in it.
 *
 * Only what has been in the manifest since its first versions is read (seen with schema versions 53 to 55), so the
 * version is not checked.
 */
export function readAssembly(directory: string): readonly AssemblyStage[] {
  const artifacts = Object.entries(readManifest(directory).artifacts ?? {});
  const property = (name: string, properties: Readonly<Record<string, unknown>> = {}): string | undefined => {
    const value = properties[name];
    return typeof value === 'string' ? value : undefined;
  };
  const stacks: AssemblyStack[] = [];
  const fileAssets: FileAsset[] = [];
  const stages: AssemblyStage[] = [{ directory, stacks, fileAssets }];
  for (const [id, { type, environment, properties, metadata, additionalMetadataFile }] of artifacts) {
    if (type === 'aws:cloudformation:stack') {
      const template = readTemplate(
        path.join(directory, property('templateFile', properties) ?? `${id}.template.json`),
      );
      const additional =
        additionalMetadataFile === undefined
          ? {}
          : (readJson(path.join(directory, additionalMetadataFile)) as StackMetadata);
      stacks.push({
        name: property('stackName', properties) ?? id,
        ...placeOf(environment),
        template,
        metadata: { ...metadata, ...additional },
      });
    } else if (type === 'cdk:asset-manifest') {
      fileAssets.push(...readFileAssets(directory, property('file', properties) ?? `${id}.json`));
    } else if (type === 'cdk:cloud-assembly') {
      stages.push(...readAssembly(path.join(directory, property('directoryName', properties) ?? id)));
    }
  }
  return stages;
}

function readManifest(directory: string): Manifest {
  try {
    return readJson(path.join(directory, 'manifest.json')) as Manifest;
  } catch (error) {
    if (error instanceof LocalRuntimeError && (error.cause as NodeJS.ErrnoException).code === 'ENOENT') {
      const problem = `\`assembly\` ${directory} holds no manifest.json; give the directory that \`cdk synth\` writes, usually cdk.out`;
      throw new LocalRuntimeError('ERR_ASSEMBLY_NOT_FOUND', problem, { cause: error });
    }
    throw error;
  }
}

function readFileAssets(directory: string, file: string): FileAsset[] {
  const { files = {} } = readJson(path.join(directory, file)) as AssetManifest;
  return Object.values(files).flatMap(({ source, destinations = {} }) => {
    if (source?.path === undefined) {
      return [];
    }
    const asset = { path: path.resolve(directory, source.path), packaging: source.packaging ?? 'file' };
    return Object.values(destinations).flatMap(({ objectKey }) =>
      objectKey === undefined ? [] : [{ ...asset, objectKey }],
    );
  });
}

/** aws://{account}/{region}, with unknown-account and unknown-region for a stack that can be deployed anywhere. */
function placeOf(environment = ''): { account: string; region: string } {
  const [, account = '', region = ''] = /^aws:\/\/([^/]*)\/(.*)$/.exec(environment) ?? [];
  return {
    account: /^\d{12}$/.test(account) ? account : UNKNOWN_ACCOUNT,
    region: region === '' || region === 'unknown-region' ? localRegion() : region,
  };
}

/** Reads a template of an assembly. */
export function readTemplate(file: string): Template {
  return readJson(file) as Template;
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as unknown;
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    throw new LocalRuntimeError('ERR_ASSEMBLY_INVALID', `cannot read ${file} of the \`assembly\`: ${problem}`, {
      cause: error,
    });
  }
}
