import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { elementsOf, membersOf, type Located, type Templates } from './templates';

const HASH = /[0-9a-f]{64}/g;
const ENTRY = /^[\w./-]+\.(?:[cm]?js|py)$/;

/** What of a program can be read: a source of the author, by its name. */
export interface Source {
  readonly name: string;
  readonly text: string;
}

/** The program of a runtime, as far as it is in the cloud assembly as a directory. */
export interface Program {
  /** Names of all files that went into it. */
  readonly names: readonly string[];
  readonly sources: readonly Source[];
}

/** An image of another origin, a zip file, and a stack that is not bundled have none. */
export function programOf(templates: Templates, runtime: Located): Program | undefined {
  const directory = directoryOf(templates, runtime);
  if (directory === undefined) {
    return undefined;
  }
  const files = readdirSync(directory);
  const entry = entryOf(runtime) ?? files.find(file => ['index.js', 'index.mjs', 'main.py'].includes(file));
  if (entry === undefined || !existsSync(path.join(directory, entry))) {
    return { names: files, sources: [] };
  }
  const map = `${path.join(directory, entry)}.map`;
  return existsSync(map)
    ? ofSourceMap(map)
    : { names: files, sources: [{ name: entry, text: readFileSync(path.join(directory, entry), 'utf8') }] };
}

/** Assets are named by their hash, in the runtime or in the resource that makes its image. */
function directoryOf(templates: Templates, runtime: Located): string | undefined {
  const artifact = membersOf(runtime.properties.AgentRuntimeArtifact);
  const { ContainerUri: uri } = membersOf(artifact.ContainerConfiguration);
  const image = templates.referenced(uri, runtime.template);
  const { application } = membersOf(image?.properties);
  const hashes = JSON.stringify([artifact.CodeConfiguration, application]).match(HASH) ?? [];
  return hashes
    .map(hash => path.join(runtime.template.directory, `asset.${hash}`))
    .find(directory => existsSync(directory));
}

function entryOf({ properties }: Located): string | undefined {
  const { EntryPoint: words } = membersOf(membersOf(properties.AgentRuntimeArtifact).CodeConfiguration);
  return elementsOf(words).find((word): word is string => typeof word === 'string' && ENTRY.test(word));
}

/** A bundle is minified; its map has the sources, those of packages too. */
function ofSourceMap(file: string): Program {
  const { sources = [], sourcesContent = [] } = JSON.parse(readFileSync(file, 'utf8')) as {
    sources?: readonly string[];
    sourcesContent?: readonly (string | null)[];
  };
  return {
    names: sources,
    sources: sources.flatMap((name, index) => {
      const text = sourcesContent[index];
      return name.includes('node_modules/') || text === undefined || text === null ? [] : [{ name, text }];
    }),
  };
}
