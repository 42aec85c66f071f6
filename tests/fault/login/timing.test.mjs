// SPDX-License-Identifier: Apache-2.0
// Whether the time that a refused log-in takes tells anything: of an operator who is not known, a wrong PIN, a wrong
// code, both right but suspended. Samples of all kinds, taken in a random order on one connection, are compared pair by
// pair by Welch's t, which must stay below 4.5. That the comparison would tell is shown on vrxd-hasty, which spends an
// eighth less memory on operators that there are not: there t must be above.
//
// VRX_FAULT_COUNT samples in all (20); from 1,000 on the figures are judged, below they are only printed, and only
// the answers are: all the same. VRX_FAULT_SEED repeats an order. A sample takes about a tenth of a second: a machine
// that does something else meanwhile hides small differences, so the smallest that would have been seen is printed.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Refusal } from '../../system/clients.mjs';
import { World } from '../../system/harness.mjs';
import { codeAt, presentStep, register } from '../../system/people.mjs';

const count = Number(process.env.VRX_FAULT_COUNT ?? 20);
const judged = count >= 1000;
const bound = 4.5;
const warmUp = 10;
const never = 1000000; // failures before anybody waits

let seed = Number(process.env.VRX_FAULT_SEED ?? Math.floor(Math.random() * 2 ** 31));
console.log(`# VRX_FAULT_SEED=${seed} VRX_FAULT_COUNT=${count}`);
function random() { // mulberry32, in [0, 1)
  seed = (seed + 0x6d2b79f5) | 0;
  let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
}

let world;
let active;
let suspended;
before(async () => {
  world = await World.make();
  const admin = world.client('sapporo-console');
  const counter = world.client('sapporo-counter');
  [active, suspended] = await Promise.all(['active', 'leaver'].map((id) => register(admin, id, ['ROLE_REGISTRAR'])));
  for (const operator of [active, suspended]) await operator.logIn(counter);
  await admin.Operators.suspendOperator({ operatorId: suspended.id });
});
after(() => world?.close());

// A code that is none of those that are taken now or in the next minutes.
function wrongCode(operator) {
  const taken = new Set();
  for (let step = presentStep() - 2; step < presentStep() + 10; step++) taken.add(codeAt(operator.secret, step));
  for (;;) {
    const code = String(Math.floor(random() * 1e6)).padStart(6, '0');
    if (!taken.has(code)) return code;
  }
}

const rightCode = (operator) => codeAt(operator.secret, presentStep());
// All PINs and ids as long as each other's.
const kinds = {
  unknown: () => ({ operatorId: 'nobody', pin: 'pin-0123456789', code: wrongCode(active) }),
  'wrong PIN and code': () => ({ operatorId: 'active', pin: 'pin-0123456789', code: wrongCode(active) }),
  'wrong PIN, right code': () => ({ operatorId: 'active', pin: 'pin-0123456789', code: rightCode(active) }),
  'right PIN, wrong code': () => ({ operatorId: 'active', pin: active.pin, code: wrongCode(active) }),
  'suspended, all right': () => ({ operatorId: 'leaver', pin: suspended.pin, code: rightCode(suspended) }),
};

// Milliseconds of each sample, by kind.
async function measure(names, samples) {
  const { Operators } = world.client('sapporo-counter', { operator: '' });
  const times = Object.fromEntries(names.map((name) => [name, []]));
  const answers = new Set();
  for (let i = -warmUp; i < samples; i++) {
    const name = names[Math.floor(random() * names.length)];
    const request = kinds[name]();
    const begun = process.hrtime.bigint();
    const refusal = await Operators.logIn(request, { session: null }).catch((error) => error);
    const taken = Number(process.hrtime.bigint() - begun) / 1e6;
    assert.ok(refusal instanceof Refusal, `${name}: ${JSON.stringify(refusal)}`);
    answers.add(JSON.stringify([refusal.code, refusal.reason, refusal.message, refusal.clause, refusal.retry, refusal.ja]));
    if (i >= 0) times[name].push(taken);
  }
  assert.equal(answers.size, 1, [...answers].join('\n'));
  assert.match([...answers][0], /LOGIN_REFUSED/);
  return times;
}

function statistics(values) {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
  return { mean, error: variance / values.length, n: values.length };
}

// Welch's t of each pair, and the difference at which it would have reached the bound.
function compare(t, times) {
  const rows = Object.entries(times).map(([name, values]) => [name, statistics(values)]);
  for (const [name, { mean, n }] of rows) t.diagnostic(`${name}: ${n} samples, mean ${mean.toFixed(2)} ms`);
  const found = [];
  for (const [i, [first, a]] of rows.entries())
    for (const [second, b] of rows.slice(i + 1)) {
      const error = Math.sqrt(a.error + b.error);
      const welch = (a.mean - b.mean) / error;
      t.diagnostic(`${first} / ${second}: t ${welch.toFixed(2)}; seen from ${(bound * error).toFixed(2)} ms on`);
      found.push({ first, second, welch });
    }
  return found;
}

async function restart(program) {
  await world.endDaemon();
  world.options.program = program;
  await world.startDaemon('--log-in-tries', String(never), '--log-in-terminal-tries', String(never));
  await world.unseal('sapporo');
}

test('a refused log-in takes its time, whatever is wrong with it', async (t) => {
  await restart('vrxd');
  for (const { first, second, welch } of compare(t, await measure(Object.keys(kinds), count)))
    if (judged) assert.ok(Math.abs(welch) < bound, `${first} / ${second}: t ${welch}`);
});

test('a daemon that does less for operators that there are not is told apart', async (t) => {
  await restart('vrxd-hasty');
  const [{ welch }] = compare(t, await measure(['unknown', 'wrong PIN and code'], Math.ceil(count / 2)));
  if (judged) assert.ok(welch < -bound, `t ${welch}: the comparison above shows nothing`);
});
