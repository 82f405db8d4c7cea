import type { ElicitRequestFormParams } from '@modelcontextprotocol/server';

/** The form schema of the protocol: one flat object of texts, numbers, booleans and choices. */
export type FormSchema = ElicitRequestFormParams['requestedSchema'];
