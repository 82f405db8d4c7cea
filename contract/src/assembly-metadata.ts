/** Metadata of a runtime's resource in the template: the program that its image starts. */
export const PROGRAM_METADATA_KEY = 'cdk-stateful-mcp:program';

/** Type of the metadata of a runtime in the cloud assembly, beside the template: what its bundle was made from. */
export const SOURCE_METADATA_TYPE = 'cdk-stateful-mcp:source';
