// SPDX-License-Identifier: Apache-2.0
//
// What a certificate costs: whole and by step, beside raw P-256 and beside other software (issuer_peers.mjs), all in
// one run, in turn, on one core, in processor time; figures are medians of rounds' ratios. Then issuing through RPC on
// a real daemon and issuer (issuer_rpc.mjs). One line a figure.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { measureRpc } from './issuer_rpc.mjs';
import { median, micro, progress } from './workers.mjs';

const [given, packages, ...flags] = process.argv.slice(2);
const bench = resolve(given);
const full = flags.includes('--full');
const rounds = full ? 41 : 15;
const atOnce = 16;
const core = cpus().length - 1;
const peers = ['by-hand', 'auth0', 'cose-kit'];
const issueSteps = ['payload', 'structure', 'hash-and-sign', 'deflate', 'base45'];
const verifySteps = ['base45-back', 'inflate', 'parse', 'structure', 'hash-and-verify', 'read'];
const others = ['mint', 'shc-issue', 'shc-verify', 'vds-nc-issue', 'vds-nc-verify'];
const papers = { 'paper-domestic': 'PDF of one SMART Health Card', 'paper-travel': 'PDF of all three, for travel' };
let short = 0;

const note = (text) => console.log(`note ${text}`);
function figure(name, value, unit, goal) {
  const met = value >= goal;
  short += met ? 0 : 1;
  console.log(`figure ${name} ${value.toFixed(3)} ${unit} goal >= ${goal} ${met ? 'met' : 'short'}`);
  return met ? 'met' : 'short';
}

// A measuring program on the one core.
class Pinned {
  constructor(...command) {
    this.child = spawn('taskset', ['-c', String(core), ...command], { stdio: ['pipe', 'pipe', 'inherit'] });
    this.lines = createInterface({ input: this.child.stdout })[Symbol.asyncIterator]();
  }
  async say(command) {
    this.child.stdin.write(`${command}\n`);
    const { value, done } = await this.lines.next();
    if (done) throw new Error(`the program ended at: ${command}`);
    return value;
  }
  end() { this.child.stdin.end(); }
}

// { name: [nanoseconds of each round] }
async function turns(steps) {
  const list = Object.entries(steps);
  const taken = Object.fromEntries(list.map(([name]) => [name, []]));
  for (let round = -2; round < rounds; round++) { // two to warm up: Node compiles what runs often
    progress(`round ${round + 1} of ${rounds}`);
    for (let i = 0; i < list.length; i++) {
      const [name, run] = list[(i + round + 2) % list.length];
      const value = Number(await run());
      if (round >= 0) taken[name].push(value);
    }
  }
  return taken;
}

const ratio = (over, under) => median(over.map((value, i) => value / under[i]));

async function measureFormats() {
  const own = new Pinned(join(bench, 'bench_issuer'));
  const [text, key] = (await own.say('sample')).split('\t');
  const theirs = Object.fromEntries(peers.map((peer) =>
    [peer, new Pinned(process.execPath, new URL('issuer_peers.mjs', import.meta.url).pathname, peer, packages, text, key)]));
  try {
    const count = full ? 1000 : 400;
    const mine = ['raw-sign', 'hcert-issue', 'raw-verify', 'hcert-verify', ...issueSteps, ...verifySteps, ...others];
    return await turns({
      ...Object.fromEntries(mine.map((step) => [step, () => own.say(`${step} ${count}`)])),
      ...Object.fromEntries(Object.keys(papers).map((step) => [step, () => own.say(`${step} ${count / 50}`)])),
      ...Object.fromEntries(peers.flatMap((peer) => ['issue', 'verify'].map((what) =>
        [`${peer}-${what}`, () => theirs[peer].say(`${what} ${count}`)]))),
    });
  } finally {
    for (const worker of [own, ...Object.values(theirs)]) worker.end();
  }
}

function conclude(taken) {
  const rows = [];
  for (const [what, raw, goal] of [['issue', 'raw-sign', 0.55], ['verify', 'raw-verify', 0.85]]) {
    const own = taken[`hcert-${what}`];
    const ofRaw = ratio(taken[raw], own);
    const fastest = own.map((_, i) => Math.min(...peers.map((peer) => taken[`${peer}-${what}`][i])));
    const times = ratio(fastest, own);
    rows.push([`HCERT ${what}, of raw P-256`, ofRaw, goal, figure(`issuer-hcert-${what}`, ofRaw, 'of-raw', goal)]);
    rows.push([`HCERT ${what}, times the fastest peer`, times, 2, figure(`issuer-hcert-${what}-peers`, times, 'times', 2)]);
    note(`a program that did nothing but the raw operation would come to ${ratio(fastest, taken[raw]).toFixed(2)} times the fastest peer at ${what}`);
    for (const peer of peers) note(`${what}: ${ratio(taken[`${peer}-${what}`], own).toFixed(2)} times ${peer}`);
  }
  return rows;
}

const perSecond = (values) => Math.round(1e9 / median(values)).toLocaleString('en');

function formatTables(taken, rows) {
  const middle = (name) => micro(median(taken[name]));
  const rest = (whole, steps) => micro(median(taken[whole]) - steps.reduce((sum, step) => sum + median(taken[step]), 0));
  const width = Math.max(issueSteps.length, verifySteps.length) + 2;
  const column = (whole, steps) => [[whole, middle(whole)], ...steps.map((step) => [step, middle(step)]), ['what joins them', rest(whole, steps)]];
  const [left, right] = [column('hcert-issue', issueSteps), column('hcert-verify', verifySteps)];
  const cells = ([name, value] = ['', '']) => `${name} | ${value}`;
  return [
    '| figure | value | goal | |', '|---|--:|--:|---|',
    ...rows.map(([name, value, goal, met]) => `| ${name} | ${value.toFixed(3)} | ${goal} | ${met} |`), '',
    '| | µs | a second | times raw |', '|---|--:|--:|--:|',
    ...[['raw P-256, sign', 'raw-sign', 'raw-sign'], ['HCERT, issue', 'hcert-issue', 'raw-sign'],
      ...peers.map((peer) => [`the same, ${peer}`, `${peer}-issue`, 'raw-sign']),
      ['the whole mint: throwaway, lint, compare, twice verified', 'mint', 'raw-sign'],
      ['raw P-256, verify', 'raw-verify', 'raw-verify'], ['HCERT, verify', 'hcert-verify', 'raw-verify'],
      ...peers.map((peer) => [`the same, ${peer}`, `${peer}-verify`, 'raw-verify']),
      ['SMART Health Card, issue', 'shc-issue', 'raw-sign'], ['SMART Health Card, verify', 'shc-verify', 'raw-verify'],
      ['VDS-NC, issue', 'vds-nc-issue', 'raw-sign'], ['VDS-NC, verify (two signatures)', 'vds-nc-verify', 'raw-verify'],
      ...Object.entries(papers).map(([step, name]) => [name, step, 'raw-sign'])]
      .map(([name, step, raw]) => `| ${name} | ${middle(step)} | ${perSecond(taken[step])} | ${ratio(taken[step], taken[raw]).toFixed(2)} |`), '',
    '| issue | µs | verify | µs |', '|---|--:|---|--:|',
    ...Array.from({ length: width }, (_, at) => at).filter((at) => left[at] || right[at]).map((at) => `| ${cells(left[at])} | ${cells(right[at])} |`), '',
  ];
}

function rpcTables({ one, many, count, whole, little, steps }) {
  const row = (name, { rate, p50, p99 }) => `| ${name} | ${rate.toFixed(0)} | ${p50.toFixed(1)} | ${p99.toFixed(1)} |`;
  return [
    `| Issue through RPC, ${count} calls each | calls/s | p50 ms | p99 ms |`, '|---|--:|--:|--:|',
    row('one after the other', one), row(`${atOnce} at once`, many), '',
    '| where a single call\'s time goes | ms | |', '|---|--:|--:|',
    ...[...steps, ['all of it', whole], ['beside it a call that does hardly anything (`Tenancy.Status`)', little]].map(([name, ms]) => `| ${name} | ${ms.toFixed(2)} | ${(100 * ms / whole).toFixed(0)} % |`), '',
  ];
}

// Between two marks in docs/performance.md.
function writeTables(lines) {
  const path = 'docs/performance.md';
  const text = readFileSync(path, 'utf8');
  const [begin, end] = ['<!-- issuer: made by tests/bench/issuer.mjs --write -->\n', '<!-- end -->\n'];
  const from = text.indexOf(begin);
  const to = text.indexOf(end, from);
  if (from < 0 || to < from) throw new Error(`${path} has no place for the tables`);
  writeFileSync(path, text.slice(0, from) + begin + lines.join('\n') + text.slice(to));
}

if (!existsSync(join(packages, 'package.json'))) throw new Error(`no packages in ${packages}`);
const load = loadavg()[0];
const taken = await measureFormats();
progress('');
const rows = conclude(taken);
const rpc = await measureRpc(bench, full ? 1000 : 200, atOnce);
progress('');
note(`issue through RPC: ${rpc.one.rate.toFixed(0)} calls/s one after the other, p99 ${rpc.one.p99.toFixed(1)} ms; ` +
  `${rpc.many.rate.toFixed(0)} calls/s ${atOnce} at once, p99 ${rpc.many.p99.toFixed(1)} ms`);
const tables = [
  `Run of ${new Date().toISOString().slice(0, 10)}${full ? ' with `--full`' : ''}, ${rounds} rounds, load ${load.toFixed(0)} at its start.\n`,
  ...formatTables(taken, rows), ...rpcTables(rpc)];
console.log(`\n${tables.join('\n')}`);
if (flags.includes('--write')) writeTables(tables);
process.exitCode = short > 0 ? 1 : 0;
