// The simulator's door: scenarios by name, and the events that their hits become.
export { SCENARIOS, scenarioNamed } from './catalogue.ts';
export { evenDraw, seededDraw } from './draw.ts';
export { hitEvents, virtualPhone } from './events.ts';
