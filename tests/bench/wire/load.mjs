// SPDX-License-Identifier: Apache-2.0
//
// One run of h2load against one server, and what it says. Every server is loaded by the same program with the same
// preloaded library (h2load_shim.c), so that all pay the same for the client's side.
import { execFile } from 'node:child_process';
import { readFileSync, readdirSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';

export const threads = Math.min(2, availableParallelism()); // of each server, and of h2load
const grpcHeaders = ['-H', 'te: trailers', '-H', 'content-type: application/grpc'];

export function runProgram(name, args, options = {}) {
  return new Promise((resolve, reject) => {
    execFile(name, args, { maxBuffer: 1 << 26, ...options }, (error, stdout, stderr) => {
      if (error) reject(Object.assign(new Error(`${name} ${args.join(' ')}: ${error.message}\n${stdout}${stderr}`), { late: error.killed }));
      else resolve(stdout + stderr);
    });
  });
}

// What all threads of these processes have computed, in nanoseconds.
export const computed = (pids) => pids.reduce((sum, pid) => sum + readdirSync(`/proc/${pid}/task`).reduce(
  (of, thread) => of + Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]), 0), 0);

function percentiles(file) {
  const taken = Float64Array.from(readFileSync(file, 'latin1').trimEnd().split('\n'),
    (line) => Number(line.slice(line.lastIndexOf('\t') + 1))).sort();
  const at = (part) => taken[Math.min(taken.length - 1, Math.floor(taken.length * part))];
  return { p50: at(0.5), p99: at(0.99), p999: at(0.999) };
}

// With a thousand connections h2load now and then does not end after it has stopped all its clients.
async function runH2load(args, options, attempts = 3) {
  try {
    return await runProgram('h2load', args, options);
  } catch (error) {
    if (!error.late || attempts === 1) throw error;
    console.log('note h2load did not end: once more');
    return runH2load(args, options, attempts - 1);
  }
}

// { rate: calls a second, cpu: the server's nanoseconds a call; with log: p50, p99, p999 in microseconds }.
// target: { url, pid, body: { first, all, bytes } or none for a GET, folder with the client's certificate }.
export async function load(target, { connections, streams = 1, seconds, log = false, warm = 0.5 }) {
  const { url, pid, body, folder } = target;
  const file = join(folder, 'calls.log');
  const env = { ...process.env, LD_PRELOAD: target.shim, BENCH_CERTIFICATE: join(folder, 'system', 'certificate.pem'),
    BENCH_KEY: join(folder, 'system', 'key.pem') };
  const args = ['-c', connections, '-m', streams, '-t', Math.min(threads, connections), '-D', `${seconds * 1000}ms`,
    `--warm-up-time=${warm * 1000}ms`];
  if (body) {
    Object.assign(env, { BENCH_BODIES: body.all, BENCH_BODY_BYTES: String(body.bytes) });
    args.push('-d', body.first, ...grpcHeaders);
  }
  if (log) args.push(`--log-file=${file}`);
  rmSync(file, { force: true });
  const before = computed([pid]);
  const said = await runH2load([...args, url].map(String), { env, timeout: 1000 * (3 * (seconds + warm) + 20) });
  const cpu = computed([pid]) - before;
  const number = (pattern) => Number(pattern.exec(said)?.[1] ?? NaN);
  const rate = number(/finished in [\d.]+m?s, ([\d.]+) req\/s/);
  const zero = number(/grpc-status: (\d+) zero/);
  const wrong = number(/, (\d+) failed/) + number(/, (\d+) errored/) + number(/, (\d+) timeout/) +
    number(/ zero, (\d+) other/);
  const calls = number(/requests: (\d+) total/);
  // What was under way when the time was over has its status and is not counted by h2load, or the other way round.
  if (wrong !== 0 || !(calls > 0) || (body && zero < calls))
    throw new Error(`calls to ${url} went wrong:\n${said}`);
  const ran = body ? zero : calls * (1 + warm / seconds);
  return { rate, cpu: cpu / ran, ...(log ? percentiles(file) : {}) };
}
