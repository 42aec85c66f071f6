// SPDX-License-Identifier: Apache-2.0
//
// Transfers a second, end to end: asked, decided, answered, recorded, everything signed, sealed and audited, both
// vaults durable; beside the bound that the asymmetric cryptography of a transfer sets. One line a figure.
//
// Throughput is that of a list of movers (vrx.v1.Bulk), so that no client takes part: outcomes told between the first
// and the last of the watch's messages. Latency is what a counter waits, from RequestTransfer to IMPORTED, one after
// the other. The operations of a transfer are counted in the daemon while the list runs (crypto_count.c), what each
// takes is measured with the same OpenSSL before and after (crypto_bench.c). The bound is what all processors of this
// machine can do if they do nothing else: no program on it can be faster.
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { World } from '../system/harness.mjs';
import { Apart, makeMovers } from '../system/movers.mjs';
import { addressee, queryFor, watch } from '../system/steps.mjs';
import { median } from './workers.mjs';

const [given, ...flags] = process.argv.slice(2);
const bench = resolve(given);
const full = flags.includes('--full');
const write = flags.includes('--write');
const rows = full ? 20000 : 3000;
const single = full ? 1000 : 200;
const warm = 200;
const operations = ['sign', 'verify', 'derive', 'key-pair'];
const ticks = 100; // a second, of /proc
const DAY = 86400;
const NATIONAL = 30e6 / 365; // queries a day
const processors = cpus().length;
let short = 0;

const note = (text) => console.log(`note ${text}`);
function figure(name, value, unit, goal) {
  const met = value >= goal;
  short += met ? 0 : 1;
  console.log(`figure ${name} ${value.toFixed(3)} ${unit} goal >= ${goal} ${met ? 'met' : 'short'}`);
  return met ? 'met' : 'short';
}
const quantile = (sorted, part) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))];
const cpuOf = (pids) => pids.reduce((sum, pid) => sum + readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ')
  .slice(11, 13).reduce((both, value) => both + Number(value), 0), 0) / ticks;

// Microseconds of each operation: { wall, cpu }, each { sign, … }.
async function measureCrypto() {
  const { stdout } = await promisify(execFile)(join(bench, 'bench_crypto'), [full ? '2000' : '600']);
  const taken = { wall: {}, cpu: {} };
  for (const [name, wall, cpu] of stdout.trim().split('\n').map((line) => line.split(' '))) {
    taken.wall[name] = Number(wall) / 1000;
    taken.cpu[name] = Number(cpu) / 1000;
  }
  return taken;
}

const folder = mkdtempSync(join(tmpdir(), 'vrx-bench-exchange-'));
const counts = join(folder, 'counts');
const counted = () => {
  const file = readFileSync(counts);
  return Object.fromEntries(operations.map((name, at) => [name, Number(file.readBigUInt64LE(8 * at))]));
};

// Of whatever world: what it takes to measure in it. Daemons are in network namespaces of their own where the bench
// runs as root; what they say to each other passes through a relay of this program.
const pidsOf = (world) => world.pids?.() ?? [world.daemon.pid];

// A list of these movers, from its start until every row has its outcome: { rate, cpu: seconds, operations } of one
// transfer.
async function runList(world, movers) {
  const counter = world.client('kashiwa-counter');
  const rowsOf = movers.map((mover, at) => ({ line: at + 1, resident: addressee(mover.row.addresseeNumber),
    fromMunicipality: '011002', consentId: mover.consentId, evidenceId: mover.evidenceId,
    items: ['DATA_ITEM_DOSE', 'DATA_ITEM_LOT'] }));
  function* messages() {
    for (let at = 0; at < rowsOf.length; at += 200) yield { rows: rowsOf.slice(at, at + 200) };
    yield { end: { rows: rowsOf.length } };
  }
  const { list } = await counter.Bulk.submitBulk(messages());
  if (list.rows !== movers.length) throw new Error(`${list.rows} of ${movers.length} rows were kept`);
  const pids = pidsOf(world);
  const before = { cpu: cpuOf(pids), operations: counted() };
  await counter.Bulk.startBulk({ listId: list.listId, digest: list.digest });
  const told = [];
  let last;
  for await (const { list: now } of counter.Bulk.watchBulk({ listId: list.listId })) {
    const done = now.transfers.find(({ state }) => state === 'TRANSFER_STATE_IMPORTED')?.count ?? 0;
    told.push({ at: performance.now(), done });
    last = now;
  }
  if (last.state !== 'BULK_STATE_DONE' || told.at(-1).done !== movers.length)
    throw new Error(`the list ended as ${last.state} with ${JSON.stringify(last.transfers)}`);
  const first = told.find(({ done }) => done > 0);
  const full = told.find(({ done }) => done === movers.length);
  const after = counted();
  return { rate: (full.done - first.done) / ((full.at - first.at) / 1000),
    cpu: (cpuOf(pids) - before.cpu) / movers.length,
    operations: Object.fromEntries(operations.map((name) =>
      [name, (after[name] - before.operations[name]) / movers.length])) };
}

// Milliseconds from the request to the end, one after the other, sorted.
async function latencies(world, movers) {
  const counter = world.client('kashiwa-counter');
  const taken = [];
  for (const { row, evidenceId, consentId } of movers) {
    const begun = performance.now();
    const { queryId } = await counter.Exchange.requestTransfer(queryFor(addressee(row.addresseeNumber), evidenceId, consentId));
    const last = (await watch(counter, queryId)).at(-1);
    if (last.state !== 'TRANSFER_STATE_IMPORTED') throw new Error(last.state);
    taken.push(performance.now() - begun);
  }
  return taken.sort((a, b) => a - b);
}

const sum = (times, operationsOf) => operations.reduce((total, name) => total + times[name] * operationsOf[name], 0);

async function measure(name, kind) {
  const world = await kind.make({ environment: { LD_PRELOAD: join(bench, 'libbench_count.so'), VRX_COUNT_FILE: counts } });
  try {
    const movers = await makeMovers(world, warm + rows + single);
    await runList(world, movers.splice(0, warm));
    const earlier = await measureCrypto();
    const run = await runList(world, movers.splice(0, rows));
    const later = await measureCrypto();
    const times = Object.fromEntries(['wall', 'cpu'].map((clock) => [clock, Object.fromEntries(operations.map((operation) =>
      [operation, (earlier[clock][operation] + later[clock][operation]) / 2]))]));
    const waited = await latencies(world, movers);
    const crypto = sum(times.wall, run.operations) / 1e6;
    const bound = processors / crypto;
    note(`${name}: operations of a transfer: ${operations.map((operation) =>
      `${operation} ${run.operations[operation].toFixed(2)} at ${times.wall[operation].toFixed(1)} us`).join(', ')}`);
    note(`${name}: ${run.rate.toFixed(0)} transfers/s, bound ${bound.toFixed(0)} on ${processors} processors, ` +
      `${(1 / crypto).toFixed(0)} on one; ${(run.cpu * 1e6).toFixed(0)} us of processor time each, ` +
      `${(sum(times.cpu, run.operations) / run.cpu / 1e4).toFixed(0)} % of it this cryptography`);
    note(`${name}: p50 ${quantile(waited, 0.5).toFixed(1)} ms, p99 ${quantile(waited, 0.99).toFixed(1)} ms`);
    const share = 10 * NATIONAL * run.cpu / DAY;
    const met = figure(`exchange-${name.replaceAll(' ', '-')}`, run.rate / bound, 'of-bound', 0.5);
    note(`${name}: ten times the nation's ${(NATIONAL * 365 / 1e6).toFixed(0)} million queries a year take ` +
      `${(10 * NATIONAL * run.cpu).toFixed(0)} s of processor time a day, ${(100 * share).toFixed(1)} % of one core`);
    return { name, ...run, bound, crypto, share, met, p50: quantile(waited, 0.5), p99: quantile(waited, 0.99), times };
  } finally {
    await world.close();
  }
}

// Between two marks in docs/performance.md.
function writeTables(results) {
  const path = 'docs/performance.md';
  const text = readFileSync(path, 'utf8');
  const [begin, end] = ['<!-- exchange: made by tests/bench/exchange.mjs --write -->\n', '<!-- end -->\n'];
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`${path} has no place for the tables`);
  const date = new Date().toISOString().slice(0, 10);
  const lines = [`Run of ${date}${full ? ' with `--full`' : ''}, ${processors} processors, ${rows} transfers, load ${loadavg()[0].toFixed(0)} (what runs here makes two or three of it).\n`,
    '| | transfers/s | bound | of it | goal | | p50 ms | p99 ms | processor time, µs | ten nations a day, of one core |',
    '|---|--:|--:|--:|--:|---|--:|--:|--:|--:|',
    ...results.map((one) => `| ${one.name} | ${one.rate.toFixed(0)} | ${one.bound.toFixed(0)} | ${(one.rate / one.bound).toFixed(3)} | 0.5 | ${one.met} | ` +
      `${one.p50.toFixed(1)} | ${one.p99.toFixed(1)} | ${(one.cpu * 1e6).toFixed(0)} | ${(100 * one.share).toFixed(1)} % |`),
    '', `| operation | ${results.map(({ name }) => `${name}, a transfer`).join(' | ')} | µs of each |`, `|---|${'--:|'.repeat(results.length + 1)}`,
    ...operations.map((name) => `| ${name} | ${results.map((one) => one.operations[name].toFixed(2)).join(' | ')} | ` +
      `${median(results.map((one) => one.times.wall[name])).toFixed(1)} |`), ''];
  writeFileSync(path, text.slice(0, from) + begin + lines.join('\n') + text.slice(to));
}

try {
  const results = [await measure('one daemon', World), await measure('two daemons', Apart)];
  if (write) writeTables(results);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exitCode = short > 0 ? 1 : 0;
