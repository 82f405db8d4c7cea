export { release } from './release';
export { scheduledWatch } from './scheduled-watch';
