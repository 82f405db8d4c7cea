/** What is wrong with a file of the user's, found where no construct is known. `McpServerCode` names the construct. */
export class InputProblem extends Error {}
