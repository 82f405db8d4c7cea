import type { McpServerCodeConfig } from '../../code/mcp-server-code-config';
import type { ImageAssembler } from '../../deployment/image-assembler';
import type { ProgramMetadata, SourceMetadata } from './program-metadata';

/** Code of a kind that this package makes: what it is made of is known, for whoever runs the server on a laptop. */
export interface RuntimeCode extends McpServerCodeConfig {
  /** The bundle in an image, for whoever runs the server without the image. */
  readonly program?: ProgramMetadata;

  /** What assembles the image of the server. */
  readonly imageAssembler?: ImageAssembler;

  /** What was bundled, for whoever bundles it again. */
  readonly source?: SourceMetadata;
}
