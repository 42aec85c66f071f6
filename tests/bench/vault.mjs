// SPDX-License-Identifier: Apache-2.0
//
// Runs the measuring program on the vault and on plain SQLite, in turn, and says what encryption
// costs: one line a figure. A ratio is plain's time over the vault's, so that 1 is "as fast as plain",
// taken as the median of the ratios of pairs that were measured one right after the other.
import { rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { comparePeers } from './peers.mjs';
import { median, micro, progress, scratch, Worker as Program } from './workers.mjs';

const [folder, ...flags] = process.argv.slice(2);
const full = flags.includes('--full');
const write = flags.includes('--write');
const most = flags.includes('--doses') ? Number(flags[flags.indexOf('--doses') + 1]) : 1e7;
let short = 0;

class Worker extends Program {
  constructor(kind) {
    super(join(folder, `bench_${kind}`));
  }
}

function figure(name, value, unit, goal) {
  const met = value >= goal;
  short += met ? 0 : 1;
  console.log(`figure ${name} ${value.toFixed(3)} ${unit} goal >= ${goal} ${met ? 'met' : 'short'}`);
}

// Both commands in turn, who is first changing each time.
async function pairs(vault, plain, command, rounds) {
  const taken = { vault: [], plain: [], ratio: [] };
  for (let i = 0; i < rounds; i++) {
    const order = i % 2 ? [plain, vault] : [vault, plain];
    const first = (await order[0].ask(command))[0];
    const second = (await order[1].ask(command))[0];
    const [v, p] = i % 2 ? [second, first] : [first, second];
    taken.vault.push(v);
    taken.plain.push(p);
    taken.ratio.push(p / v);
  }
  return { vault: median(taken.vault), plain: median(taken.plain), ratio: median(taken.ratio) };
}

const note = (text) => console.log(`note ${text}`);

async function reads(vault, plain) {
  const kib = (await vault.ask('cache 1'))[0];
  await plain.ask('cache 1');
  const rounds = full ? 41 : 21;
  const some = full ? 20000 : 5000;
  for (const [name, cache, goal] of [
    ['vault-read-cached', kib * 2, 0.95],
    ['vault-read-tenth', Math.ceil(kib / 10), 0.6],
  ]) {
    for (const worker of [vault, plain]) {
      progress(`${name}: filling the cache`);
      await worker.ask(`cache ${cache}`);
      await worker.ask(`read ${Math.ceil((full ? 1500000 : 150000) * Math.min(1, cache / kib))}`);
    }
    progress(name);
    const taken = await pairs(vault, plain, `read ${some}`, rounds);
    note(`${name}: vault ${micro(taken.vault)} us, plain ${micro(taken.plain)} us, database ${kib} KiB, cache ${cache} KiB`);
    figure(name, taken.ratio, 'of-plain', goal);
  }
}

async function writes(vault, plain) {
  progress('commits');
  const commits = await pairs(vault, plain, 'commit 200', full ? 41 : 21);
  note(`durable single commits: vault ${micro(commits.vault)} us, plain ${micro(commits.plain)} us`);
  figure('vault-commit', commits.ratio, 'of-plain', 0.9);
}

// On a tenant of its own: what counts is the commit, not the size.
async function groups() {
  progress('group commit');
  const vault = new Worker('vault');
  await vault.ask('fill 2000');
  const single = [];
  const grouped = [];
  const ratio = [];
  for (let i = 0; i < (full ? 21 : 11); i++) {
    single.push((await vault.ask('actor 1 300'))[0]);
    grouped.push((await vault.ask('actor 100 3000'))[0]);
    ratio.push(single[i] / grouped[i]);
  }
  note(`audited writes: ${micro(median(single))} us at batch 1, ${micro(median(grouped))} us at batch 100`);
  figure('vault-group-commit', median(ratio), 'times', 10);
  await vault.end();
}

async function pageCost(vault) {
  const seal = [];
  const open = [];
  const raw = [];
  for (let i = 0; i < 21; i++) {
    const [s, o, r] = await vault.ask('page 20000');
    seal.push(s);
    open.push(o);
    raw.push(r);
  }
  note(`one page: sealed ${micro(median(seal))} us, opened ${micro(median(open))} us, raw AES-256-GCM of 4 KiB ${micro(median(raw))} us`);
  figure('vault-page-open', median(raw.map((r, i) => r / open[i])), 'of-raw', 0.769);
  figure('vault-page-seal', median(raw.map((r, i) => r / seal[i])), 'of-raw', 0.769);
}

// From where they are to each size, in equal chunks in turn. Of each step the last chunks, at most so many, are
// measured; both sides make the others at the same time. Ends at the size that was reached when the time is over.
async function grow(vault, plain, sizes, { from = 0, measured = Infinity, minutes = Infinity } = {}) {
  const rows = [];
  const chunk = full ? 100000 : 10000;
  const all = [];
  const begun = Date.now();
  const late = () => Date.now() - begun > minutes * 60000;
  let doses = from;
  for (const size of sizes) {
    const here = { vault: [], plain: [] };
    for (; doses < size - measured * chunk && !late(); doses += chunk) {
      progress(`growing to ${size}: ${doses} doses, ${Math.round((Date.now() - begun) / 1000)} s`);
      await Promise.all([vault, plain].map((worker) => worker.ask(`fill ${chunk}`)));
    }
    const end = late() ? doses + measured * chunk : size;
    while (doses < end) {
      progress(`importing to ${end}: ${doses} doses`);
      const some = Math.min(chunk, end - doses);
      const order = Math.round(doses / chunk) % 2 ? [plain, vault] : [vault, plain];
      const times = new Map();
      for (const worker of order) times.set(worker, (await worker.ask(`fill ${some}`))[0]);
      here.vault.push(times.get(vault));
      here.plain.push(times.get(plain));
      all.push(times.get(plain) / times.get(vault));
      doses += some;
    }
    if (end < size) note(`the growth to ${size} doses took more than ${minutes} minutes and ended at ${end}`);
    const taken = await pairs(vault, plain, 'read 2000', 11);
    rows.push({ doses, fillVault: median(here.vault), fillPlain: median(here.plain), readVault: taken.vault, readPlain: taken.plain });
  }
  return { rows, ratio: median(all) };
}

async function tenants() {
  const vault = new Worker('vault');
  const plain = new Worker('plain');
  const rows = [];
  for (const count of full ? [1, 100, 1741] : [1, 100]) {
    progress(`${count} open tenants`);
    const [kib] = await vault.ask(`tenants ${count}`);
    await plain.ask(`tenants ${count}`);
    for (const worker of [vault, plain]) await worker.ask('reads 20000');
    const reads = await pairs(vault, plain, 'reads 5000', 11);
    const fills = await pairs(vault, plain, 'fills 10000', full ? 9 : 5);
    rows.push({ count, kib, readVault: reads.vault, readPlain: reads.plain, fillVault: fills.vault, fillPlain: fills.plain });
  }
  await vault.end();
  await plain.end();
  return rows;
}

function table(growth, open) {
  const head = 'import, vault | import, plain | point read, vault | point read, plain |';
  const cells = (row) => `${micro(row.fillVault)} | ${micro(row.fillPlain)} | ${micro(row.readVault)} | ${micro(row.readPlain)} |`;
  progress('');
  console.log(`\n| doses | ${head}\n|--:|--:|--:|--:|--:|`);
  for (const row of growth) console.log(`| ${row.doses.toLocaleString('en')} | ${cells(row)}`);
  console.log(`\n| open tenants | memory of one more, KiB | ${head}\n|--:|--:|--:|--:|--:|--:|`);
  for (const row of open) console.log(`| ${row.count.toLocaleString('en')} | ${row.kib} | ${cells(row)}`);
}

const series = [
  ['fillVault', 'import, vault', '#c0392b', ''],
  ['fillPlain', 'import, plain', '#c0392b', '5 4'],
  ['readVault', 'point read, vault', '#2c5aa0', ''],
  ['readPlain', 'point read, plain', '#2c5aa0', '5 4'],
];

// Log-log, microseconds over what key names; its left edge is least.
function panel(rows, key, least, left, title) {
  const width = 320;
  const bottom = 300;
  const most = Math.log10(rows.at(-1)[key] / least);
  const x = (value) => left + (Math.log10(value / least) / Math.max(most, 1)) * width;
  const y = (us) => bottom - (Math.log10(us) / 3) * 250;
  const parts = [`<text x="${left}" y="30" font-weight="bold">${title}</text>`];
  for (const us of [1, 10, 100, 1000])
    parts.push(`<path d="M${left} ${y(us)}h${width}" stroke="#ddd"/><text x="${left - 6}" y="${y(us) + 4}" text-anchor="end">${us} µs</text>`);
  let free = 0; // from here on there is room for a label
  for (const row of rows) {
    if (x(row[key]) < free) continue;
    free = x(row[key]) + 60;
    parts.push(`<text x="${x(row[key])}" y="${bottom + 20}" text-anchor="middle">${row[key].toLocaleString('en')}</text>`);
  }
  for (const [name, , colour, dash] of series)
    parts.push(`<polyline points="${rows.map((row) => `${x(row[key]).toFixed(1)},${y(row[name] / 1000).toFixed(1)}`).join(' ')}" fill="none" stroke="${colour}" stroke-width="2" stroke-dasharray="${dash}"/>`);
  return parts;
}

function plot(growth, open) {
  const parts = ['<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 900 370" font-family="sans-serif" font-size="12">',
    '<title>Microseconds for one dose imported and one resident read, by size of the vault and by open vaults</title>',
    '<rect width="900" height="370" fill="#fff"/>',
    ...panel(growth, 'doses', 1e4, 70, 'doses in one vault'), ...panel(open, 'count', 1, 510, 'open vaults')];
  series.forEach(([, label, colour, dash], i) => parts.push(
    `<path d="M${70 + i * 200} 350h24" stroke="${colour}" stroke-width="2" stroke-dasharray="${dash}"/><text x="${100 + i * 200}" y="354">${label}</text>`));
  parts.push('</svg>\n');
  writeFileSync('docs/performance-vault.svg', parts.join('\n'));
}

// Of the disk, the largest vault and its plain twin take 1.3 KiB a dose.
function fits(doses) {
  const { bavail, bsize } = statfsSync(scratch);
  const enough = bavail * bsize > doses * 1500;
  if (!enough) note(`no room for ${doses} doses in ${scratch}: left out`);
  return enough;
}

try {
  const vault = new Worker('vault');
  const plain = new Worker('plain');
  await pageCost(vault);
  const { rows, ratio } = await grow(vault, plain, full ? [1e4, 1e5, 1e6, 2e6] : [1e4, 1e5]);
  figure('vault-import', ratio, 'of-plain', 0.8);
  await reads(vault, plain);
  await writes(vault, plain);
  await groups();
  if (full && most > 2e6 && fits(most)) {
    for (const worker of [vault, plain]) await worker.ask('cache 2000'); // SQLite's default, as in the rows before
    rows.push((await grow(vault, plain, [most], { from: 2e6, measured: 10, minutes: 12 })).rows[0]);
  }
  await vault.end();
  await plain.end();
  const open = await tenants();
  await comparePeers(folder, full);
  table(rows, open);
  if (write) plot(rows, open);
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
process.exitCode = short > 0 ? 1 : 0;
