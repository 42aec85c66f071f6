// SPDX-License-Identifier: Apache-2.0
// An attack beside a client that behaves: what the client saw before and meanwhile, and what it cost the daemon.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { until } from '../programs.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const pause = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });

export const resident = (pid) => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) * 1024;
export const descriptors = (pid) => readdirSync(`/proc/${pid}/fd`).length;

function script(name, args) {
  const child = spawn(process.execPath, [join(here, name), ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text) => { output += text; });
  const exited = once(child, 'exit');
  return { output: () => output, end: async () => { child.stdin.end(); await exited; return output; } };
}

const lines = (text) => text.trim().split('\n').filter(Boolean).map((line) => {
  const [ms, ...outcome] = line.split(' ');
  return { ms: Number(ms), outcome: outcome.join(' ') };
});

export function quantile(calls, share) {
  const sorted = calls.map(({ ms }) => ms).sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
}

// At Sapporo's health system; before the first siege. attackers: folders of other terminals' certificates.
export class Visitor {
  constructor(world) {
    this.world = world;
    this.script = script('visitor.mjs', [world.port, world.path('ca', 'certificate.pem'), world.path('sapporo-system')]);
    this.read = 0;
  }

  // The calls that ended in this time, which is made longer until there are five.
  async during(ms) {
    const from = this.script.output().length;
    await pause(ms);
    await until(() => this.script.output().slice(from).split('\n').length > 7);
    const text = this.script.output().slice(from);
    return lines(text.slice(text.indexOf('\n') + 1, text.lastIndexOf('\n') + 1));
  }

  begun() { return until(() => this.script.output().split('\n').length > 20); }
  end() { return this.script.end(); }
}

// { quiet, during: calls of the visitor; made, most: connections of the attacker; grown: bytes of the daemon's memory }
export async function siege(world, visitor, name, attackers, ms) {
  const quiet = await visitor.during(ms);
  const { pid } = world.daemon;
  const before = resident(pid);
  let most = before;
  const watch = setInterval(() => { most = Math.max(most, resident(pid)); }, 50);
  const attacker = script('attacker.mjs', [name, String(world.port), world.path('ca', 'certificate.pem'),
    ...attackers.map((terminal) => world.path(terminal))]);
  await until(() => attacker.output().startsWith('begun\n'));
  const during = await visitor.during(ms);
  const made = JSON.parse((await attacker.end()).split('\n')[1]);
  clearInterval(watch);
  return { quiet, during, grown: most - before, made: made.made, most: made.most };
}
