import type { ProgramFile } from '../program/program-files';
import { starterOf } from '../program/program-starters';
import type { InstalledModule } from './installed-modules';
import { programsOf } from './manifest';

/** A package in the bundle. */
export interface PlacedModule {
  /** Its folder there, with `/` between folders. */
  readonly place: string;
  readonly module: InstalledModule;
}

interface Place extends PlacedModule {
  readonly parent: Place | undefined;
  readonly inside: Map<string, Place>;
}

/**
 * Lays packages out in `node_modules` so that each finds what it needs. A package goes as high as possible, and inside
 * of the package that needs it where another version has taken the place.
 */
export function layOut(roots: ReadonlyMap<string, InstalledModule>): PlacedModule[] {
  const root = new Map<string, Place>();
  const places: Place[] = [];
  const put = (name: string, module: InstalledModule, parent: Place | undefined): void => {
    const place = {
      place: `${parent === undefined ? '' : `${parent.place}/`}node_modules/${name}`,
      module,
      parent,
      inside: new Map<string, Place>(),
    };
    (parent?.inside ?? root).set(name, place);
    places.push(place);
  };
  for (const [name, module] of [...roots].sort(([left], [right]) => (left < right ? -1 : 1))) {
    put(name, module, undefined);
  }
  // What is put is appended: the loop comes to it.
  for (const place of places) {
    for (const [name, { module }] of place.module.needs) {
      const found = foundFrom(place, name, root);
      if (found?.module !== module) {
        put(name, module, found === undefined ? undefined : place);
      }
    }
  }
  return places;
}

function foundFrom(place: Place, name: string, root: ReadonlyMap<string, Place>): Place | undefined {
  for (let current: Place | undefined = place; current !== undefined; current = current.parent) {
    const found = current.inside.get(name);
    if (found !== undefined) {
      return found;
    }
  }
  return root.get(name);
}

/** The files of packages in their places, with the programs in `node_modules/.bin` that a package manager links there. */
export function filesOfPlaces(
  places: readonly PlacedModule[],
  filesOf: (module: InstalledModule) => readonly ProgramFile[],
): ProgramFile[] {
  const starters = new Map<string, ProgramFile>();
  const files = places.flatMap(({ place, module }) => {
    const placed = new Map(filesOf(module).map(file => [file.name, { ...file, name: `${place}/${file.name}` }]));
    const folder = `${place.slice(0, place.lastIndexOf('node_modules/'))}node_modules/.bin`;
    for (const [program, name] of programsOf(module.folder, module.manifest)) {
      const file = placed.get(name);
      const starter = `${folder}/${program}`;
      if (file !== undefined) {
        // What is fetched as it was published was not installed by npm, which makes programs executable.
        placed.set(name, { ...file, executable: true });
        starters.set(starter, starters.get(starter) ?? starterOf(starter, file));
      }
    }
    return [...placed.values()];
  });
  return [...files, ...starters.values()];
}
