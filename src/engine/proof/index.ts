// The proof of rules: the tests that rule files carry, read and run; and a virtual time to run recorded events on.
export { type Course, createCourse, type Moment } from './course.ts';
export type { Failure } from './judge.ts';
export { localMs } from './local-time.ts';
export { readTests, type TestContext, withoutTests } from './read.ts';
export type { RuleTest } from './rule-test.ts';
export { eventsOfTest, type ProofContext, runTests, type TestResult } from './run.ts';
