import { partsOf } from '../image/image-reference';

/** What the tag of an official image of Docker says about what is in it. */
export interface OfficialImage {
  readonly language: 'node' | 'python';

  /** As far as the tag says it: `24`, `22.11.0`, `3.13`. Undefined for tags such as `lts`. */
  readonly version?: string;

  /** Alpine Linux, whose C library is not the one that binaries for AgentCore Runtime are made for. */
  readonly alpine: boolean;

  /** Without what most programs do without. */
  readonly slim: boolean;
}

const NAME = /^(?:(?:docker\.io\/)?(?:library\/)?|public\.ecr\.aws\/docker\/library\/)(node|python)$/;

/**
 * Undefined for other images, and for those that are named by their digest alone: it is not known here what they bring.
 */
export function officialImage(reference: string): OfficialImage | undefined {
  const { name = '', tag } = partsOf(reference) ?? {};
  const language = NAME.exec(name)?.[1] as OfficialImage['language'] | undefined;
  if (language === undefined || tag === undefined) {
    return undefined;
  }
  const has = (word: string): boolean => tag.split('-').some(part => part.startsWith(word));
  return {
    language,
    version: /^(\d+(?:\.\d+)*)(?:$|-)/.exec(tag)?.[1],
    alpine: has('alpine'),
    slim: has('slim'),
  };
}
