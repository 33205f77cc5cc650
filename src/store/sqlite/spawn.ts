// Starting the store's thread, from the built program or from its sources.
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';

/**
 * Starts a thread on `<file>.js` of this folder; where this file is a source, on `<file>.ts`, translated by the development tool
 * `tsx`.
 */
export function spawnThread(workerData: unknown, file = 'worker'): Worker {
  if (!import.meta.url.endsWith('.ts')) return new Worker(new URL(`./${file}.js`, import.meta.url), { workerData });
  // `--import tsx` translates in the main thread only; a thread has to register it by itself before it loads the source.
  const tsx = new URL('./index.mjs', pathToFileURL(createRequire(import.meta.url).resolve('tsx/esm/api'))).href;
  const source = new URL(`./${file}.ts`, import.meta.url).href;
  const start = `import(${JSON.stringify(tsx)}).then(({ register }) => { register(); return import(${JSON.stringify(source)}); })`;
  return new Worker(start, { eval: true, workerData, execArgv: [] });
}
