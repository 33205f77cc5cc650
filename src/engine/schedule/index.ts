// The door of the schedules: reading them, and the questions that waits and conditions ask of them.
export { clockMinutes, nextClockTime } from './clock.ts';
export type { Schedule } from './open-time.ts';
export { calendarFilesOf, readSchedules, type ScheduleContext } from './read.ts';
