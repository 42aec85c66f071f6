// SPDX-License-Identifier: Apache-2.0
//
// Many municipalities in one vrxd: what each of them costs while it is sealed and while it is open and
// idle, how long a custodian process takes to open all of them, and whether one more slows the others.
// Memory is the daemon's proportional set size without any client connected.
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { codes, Custodians, makePlatform, startDaemon } from './daemons.mjs';
import { start, until } from '../system/programs.mjs';

const program = 'vrxd-unattended'; // nobody logs in a thousand times (tests/support/unattended.c)
const full = process.argv.includes('--full');
const folder = mkdtempSync(join(tmpdir(), 'vrx-bench-tenants-'));
const cwd = { cwd: folder };
const seconds = (ns) => ns / 1e9;
let short = 0;

function figure(name, value, unit, atMost) {
  const met = value <= atMost;
  short += met ? 0 : 1;
  console.log(`figure ${name} ${value.toFixed(3)} ${unit} goal <= ${atMost} ${met ? 'met' : 'short'}`);
}

const wait = (ms) => new Promise((done) => { setTimeout(done, ms); });
const cpuTicks = (pid) => readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ').slice(11, 13)
  .reduce((sum, ticks) => sum + Number(ticks), 0);

// What the daemon holds now.
function holds({ pid }) {
  const field = (file, name) => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(readFileSync(`/proc/${pid}/${file}`, 'utf8'))[1]);
  return { kib: field('smaps_rollup', 'Pss'), locked: field('status', 'VmLck'), threads: field('status', 'Threads'),
    files: readdirSync(`/proc/${pid}/fd`).length,
    maps: readFileSync(`/proc/${pid}/maps`, 'utf8').split('\n').length };
}

function show(what, { kib, locked, threads, files, maps }) {
  console.log(`${what}: ${kib} KiB (locked ${locked}), ${threads} threads, ${files} files, ${maps} mappings`);
}

// The real custodian process over all of them: from its start until it has said of each that it is open,
// then what watching costs, then from the daemon's next start until all are open again.
async function watchAll(count) {
  const of = (state) => watch.output().split(`"state":"${state}`).length - 1;
  const begun = process.hrtime.bigint();
  const since = (from) => Number(process.hrtime.bigint() - from);
  const watch = start('vrx', ['watch', '--server', `localhost:${daemon.port}`, '--list', 'watched', '--operator',
    'bench', '--json'], cwd);
  const allOpen = (times) => until(() => {
    if (of('GIVEN UP')) throw new Error(watch.output());
    return of('open') >= times * count;
  });
  try {
    await watch.says(/"state":"open/);
    await allOpen(1);
    const opened = since(begun);
    const ticks = [daemon, watch].map(({ pid }) => cpuTicks(pid));
    await wait(10000);
    const [served, asked] = [daemon, watch].map(({ pid }, i) => (cpuTicks(pid) - ticks[i]) / 10);
    console.log(`watching ${count}: processor time of the daemon ${served.toFixed(1)} %, of vrx watch ${asked.toFixed(1)} %`);
    await daemon.end();
    daemon = await startDaemon(folder, { program, listen: `127.0.0.1:${daemon.port}` });
    const again = process.hrtime.bigint();
    await allOpen(2);
    console.log(`watching ${count}: all open again ${seconds(since(again)).toFixed(1)} s after the daemon listened`);
    return opened;
  } finally {
    await watch.end();
  }
}

const all = codes();
const sizes = [1, 100, ...(full ? [all.length] : [])];
const last = sizes.at(-1);
let daemon;
let custodians;
try {
  await makePlatform(folder);
  daemon = await startDaemon(folder, { program });
  custodians = new Custodians(folder, daemon.port);
  show('no tenant', holds(daemon));
  for (let i = 0, made = 0; i < sizes.length; made = sizes[i++]) {
    const created = await custodians.ask('create', sizes[i]);
    const first = await custodians.ask('unseal', made);
    await custodians.ask('residents', made);
    const some = sizes[i] - made;
    await custodians.ask('read', 2000);
    const read = await custodians.ask('read', 5000);
    console.log(`${sizes[i]} open: created in ${(created / some / 1e6).toFixed(1)} ms each, first unseal ${(first / some / 1e6).toFixed(1)} ms each, one read ${(read / 1e3).toFixed(0)} us`);
    await wait(1500);
    show(`${sizes[i]} open`, holds(daemon));
  }
  await daemon.end();
  daemon = await startDaemon(folder, { program });
  await custodians.ask('port', daemon.port);
  await wait(1500);
  const sealed = holds(daemon);
  show(`${last} sealed`, sealed);
  const unsealed = await custodians.ask('unseal', 0);
  await wait(2500);
  const open = holds(daemon);
  show(`${last} open, idle`, open);
  const ticks = cpuTicks(daemon.pid);
  await wait(10000);
  const idle = cpuTicks(daemon.pid) - ticks;
  await custodians.ask('folders', 0);
  await daemon.end();
  daemon = await startDaemon(folder, { program });
  const watched = await watchAll(last);
  figure('tenants-start', seconds(daemon.ready), 's', 1);
  figure('tenants-unseal-all', seconds(watched) * all.length / last, 's-of-1741', 60);
  console.log(`one after another: ${(seconds(unsealed) * all.length / last).toFixed(1)} s for 1,741`);
  figure('tenants-memory', (open.kib - sealed.kib) / last, 'KiB-each', 512);
  figure('tenants-idle-cpu', idle / 10, 'percent', 1);
} finally {
  await custodians?.end();
  await daemon?.end();
  if (process.env.VRX_KEEP) console.log(`kept: ${folder}`);
  else rmSync(folder, { recursive: true, force: true });
}
process.exitCode = short > 0 ? 1 : 0;
