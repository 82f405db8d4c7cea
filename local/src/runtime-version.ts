import type { HeaderPolicy } from './header-policy';
import type { ProcessPool } from './process-pool';
import type { RuntimeDefinition } from './runtime-definition';

/** One immutable version of a runtime. */
export interface RuntimeVersion {
  /** 1, 2, 3, … */
  readonly version: string;
  readonly definition: RuntimeDefinition;
  readonly pool: ProcessPool;
  readonly headers: HeaderPolicy;
}
