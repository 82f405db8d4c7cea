/**
 * Longest head of a request. What is allowed: 20 headers of an allowlist of 4 KB each (devguide, "header allowlist"), 8 KB of baggage, six members of 1 KB and
 * about 2 KB of others (service model, InvokeAgentRuntime), a token or a signature of some KB: about 100 KB with the names, where Node.js takes 16.
 */
export const LONGEST_HEAD_BYTES = 128 * 1024;
