// The simulator's door: scenarios by name, and what their hits become: events, or requests as a maker's phones write them.
export { SCENARIOS, scenarioNamed } from './catalogue.ts';
export { type Dialect, requestOf, type Sender } from './dialect.ts';
export { evenDraw, seededDraw } from './draw.ts';
export { hitEvents, virtualPhone } from './events.ts';
export { readCourse } from './file.ts';
export { mixedCourse } from './mix.ts';
export { NAMES } from './names.ts';
export { type Answered, type Played, type Playing, play } from './play.ts';
