/** Colours a text, or leaves it as it is. */
export type Paint = (colour: 'dim' | 'bold' | 'green' | 'red' | 'yellow' | 'cyan', text: string) => string;
