import type { HeaderPolicy } from '../platform/header-policy';
import type { ProcessPool } from '../process/process-pool';
import type { RuntimeDefinition } from '../model/runtime-definition';

/** One immutable version of a runtime. */
export interface RuntimeVersion {
  /** 1, 2, 3, … */
  readonly version: string;
  readonly definition: RuntimeDefinition;
  readonly pool: ProcessPool;
  readonly headers: HeaderPolicy;
}
