/**
 * What goes from one step of the work to the next at a time. Steps that run on another thread cost a change of the
 * thread each time.
 */
export const PIECE_BYTES = 256 * 1024;
