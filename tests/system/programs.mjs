// SPDX-License-Identifier: Apache-2.0
// The programs of this build: run to their end, or kept running and ended by whoever started them.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const build = process.env.VRX_BUILD ?? join(root, 'build', 'dev');
export const program = (name) => join(build, 'bin', name);
export const shared = (variable, name) => process.env[variable] ?? join(root, '..', 'shared', name);

// Runs a program to its end: { code, stdout, stderr }, whatever the code.
export function run(name, args, options = {}) {
  return new Promise((resolve) => {
    execFile(program(name), args, { maxBuffer: 1 << 26, ...options }, (error, stdout, stderr) => {
      resolve({ code: error ? error.code ?? -1 : 0, stdout, stderr });
    });
  });
}

export async function runWell(name, args, options) {
  const result = await run(name, args, options);
  if (result.code !== 0)
    throw new Error(`${name} ${args.join(' ')} ended with ${result.code}:\n${result.stdout}${result.stderr}`);
  return result;
}

// Until check() gives something true; the limit of the test is the limit of the wait.
export async function until(check) {
  for (;;) {
    const value = await check();
    if (value) return value;
    await new Promise((resolve) => { setTimeout(resolve, 20); });
  }
}

// A program that keeps running. output(): all that it printed, to both streams. inside: a command that becomes it.
export function start(name, args, options = {}, inside = []) {
  const [first, ...rest] = [...inside, program(name), ...args];
  const child = spawn(first, rest, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
  const ended = once(child, 'exit').then(([code, signal]) => ({ code, signal }));
  let output = '';
  let gone = null;
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8');
    stream.on('data', (text) => { output += text; });
  }
  ended.then((how) => { gone = how; });
  return {
    pid: child.pid,
    output: () => output,
    // Resolves to the match; rejects when the program ends before it prints one.
    says: (pattern) => until(() => {
      const found = pattern.exec(output);
      if (!found && gone) throw new Error(`${name} ended (${gone.code ?? gone.signal}): ${output}`);
      return found;
    }),
    end: (signal = 'SIGTERM') => {
      if (!gone) child.kill(signal);
      return ended;
    },
  };
}

// Every limit of one caller out of the way (services/auth/limits.def): for who does in a second what an office does
// in a day.
export const unlimited = [...readFileSync(join(root, 'services', 'auth', 'limits.def'), 'utf8')
  .matchAll(/^VRX_LIMIT\(\w+,\s*"([a-z-]+)"/gm)].flatMap(([, option]) => [`--${option}`, '0']);
