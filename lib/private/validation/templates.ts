import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

export interface Resource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
}

/** A resource, and where it is. */
export interface Located {
  readonly id: string;
  readonly type: string;
  readonly properties: Readonly<Record<string, unknown>>;
  readonly template: TemplateFile;
}

interface TemplateContents {
  readonly Resources?: Readonly<Record<string, Resource>>;
  readonly Outputs?: Readonly<
    Record<string, { readonly Value: unknown; readonly Export?: { readonly Name: unknown } }>
  >;
}

/** One template of a cloud assembly. */
export class TemplateFile {
  public readonly resources: readonly Located[];
  private readonly contents: TemplateContents;

  public constructor(public readonly file: string) {
    this.contents = JSON.parse(readFileSync(file, 'utf8')) as TemplateContents;
    this.resources = Object.entries(this.contents.Resources ?? {}).map(([id, { Type: type, Properties }]) => ({
      id,
      type,
      properties: Properties ?? {},
      template: this,
    }));
  }

  public get directory(): string {
    return path.dirname(this.file);
  }

  /** The templates of nested stacks, which the stack lists among its assets. */
  public get nestedFiles(): string[] {
    const list = this.file.replace(/\.template\.json$/, '.assets.json');
    if (list === this.file || !existsSync(list)) {
      return [];
    }
    const { files = {} } = JSON.parse(readFileSync(list, 'utf8')) as {
      files?: Readonly<Record<string, { readonly source: { readonly path?: string } }>>;
    };
    return Object.values(files).flatMap(({ source: { path: name = '' } }) =>
      name.endsWith('.nested.template.json') ? [path.join(this.directory, name)] : [],
    );
  }

  public find(id: string): Located | undefined {
    return this.resources.find(resource => resource.id === id);
  }

  /** What the stack exports by this name, as the template writes it. */
  public exported(name: string): unknown {
    return Object.values(this.contents.Outputs ?? {}).find(output => output.Export?.Name === name)?.Value;
  }
}

/** All templates of an app, in which a value may refer to a resource of another one. */
export class Templates {
  public readonly files: readonly TemplateFile[];

  public constructor(paths: readonly string[]) {
    const waiting = [...new Set(paths)];
    const files = new Map<string, TemplateFile>();
    for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
      if (!files.has(file)) {
        const template = new TemplateFile(file);
        files.set(file, template);
        waiting.push(...template.nestedFiles);
      }
    }
    this.files = [...files.values()];
  }

  public ofType(type: string): Located[] {
    return this.files.flatMap(({ resources }) => resources.filter(resource => resource.type === type));
  }

  /** The resource that a value refers to, and which attribute of it, where it is one of the app. */
  public referenced(value: unknown, from: TemplateFile): (Located & { readonly attribute?: string }) | undefined {
    const { Ref: reference, 'Fn::GetAtt': attribute, 'Fn::ImportValue': imported } = membersOf(value);
    if (typeof reference === 'string') {
      return from.find(reference);
    }
    if (attribute !== undefined) {
      const [id = '', name] = typeof attribute === 'string' ? attribute.split('.') : (attribute as string[]);
      const found = from.find(id);
      return found && { ...found, attribute: name };
    }
    if (typeof imported === 'string') {
      for (const file of this.files) {
        const exported = file.exported(imported);
        if (exported !== undefined) {
          return this.referenced(exported, file);
        }
      }
    }
    return undefined;
  }
}

/** The members of an object, none of anything else. */
export function membersOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}

/** The elements of a list; a value of its own is a list of one. */
export function elementsOf(value: unknown): unknown[] {
  return value === undefined ? [] : [value].flat();
}
