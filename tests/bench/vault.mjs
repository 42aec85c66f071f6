// SPDX-License-Identifier: Apache-2.0
//
// Runs the measuring program on the vault and on plain SQLite, in turn, and says what encryption
// costs: one line a figure. A ratio is plain's time over the vault's, so that 1 is "as fast as plain",
// taken as the median of the ratios of pairs that were measured one right after the other.
import { spawn } from 'node:child_process';
import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const [folder, ...flags] = process.argv.slice(2);
const full = flags.includes('--full');
const write = flags.includes('--write');
const most = flags.includes('--doses') ? Number(flags[flags.indexOf('--doses') + 1]) : 1e7;
const scratch = mkdtempSync(join(tmpdir(), 'vrx-bench-'));
let short = 0;
let made = 0;

class Worker {
  constructor(kind) {
    this.folder = join(scratch, `${kind}-${made++}`);
    mkdirSync(this.folder);
    this.child = spawn(join(folder, `bench_${kind}`), [this.folder], { stdio: ['pipe', 'pipe', 'inherit'] });
    this.lines = createInterface({ input: this.child.stdout })[Symbol.asyncIterator]();
    this.ended = new Promise((resolve) => this.child.on('exit', resolve));
  }

  async ask(command) {
    this.child.stdin.write(`${command}\n`);
    const { value, done } = await this.lines.next();
    if (done) throw new Error(`the program ended at: ${command}`);
    return value.split(' ').map(Number);
  }

  async end() {
    this.child.stdin.end();
    await this.ended;
    rmSync(this.folder, { recursive: true });
  }
}

const median = (values) => {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
};

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

const micro = (nanoseconds) => (nanoseconds / 1000).toFixed(1);
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
      await worker.ask(`cache ${cache}`);
      await worker.ask(`read ${full ? 1500000 : 150000}`); // fills the cache
    }
    const taken = await pairs(vault, plain, `read ${some}`, rounds);
    note(`${name}: vault ${micro(taken.vault)} us, plain ${micro(taken.plain)} us, database ${kib} KiB, cache ${cache} KiB`);
    figure(name, taken.ratio, 'of-plain', goal);
  }
}

async function writes(vault, plain) {
  const commits = await pairs(vault, plain, 'commit 200', full ? 41 : 21);
  note(`durable single commits: vault ${micro(commits.vault)} us, plain ${micro(commits.plain)} us`);
  figure('vault-commit', commits.ratio, 'of-plain', 0.9);
}

// On a tenant of its own: what counts is the commit, not the size.
async function groups() {
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

// From empty to a size, in equal chunks in turn; the growth table takes what it needs on the way.
async function grow(vault, plain, sizes) {
  const rows = [];
  const chunk = full ? 100000 : 10000;
  const all = [];
  let doses = 0;
  for (const size of sizes) {
    const here = { vault: [], plain: [] };
    while (doses < size) {
      const some = Math.min(chunk, size - doses);
      const order = (doses / chunk) % 2 ? [plain, vault] : [vault, plain];
      const times = new Map();
      for (const worker of order) times.set(worker, (await worker.ask(`fill ${some}`))[0]);
      here.vault.push(times.get(vault));
      here.plain.push(times.get(plain));
      all.push(times.get(plain) / times.get(vault));
      doses += some;
    }
    const taken = await pairs(vault, plain, 'read 2000', 11);
    rows.push({ doses, fillVault: median(here.vault), fillPlain: median(here.plain), readVault: taken.vault, readPlain: taken.plain });
  }
  return { rows, ratio: median(all) };
}

async function tenants() {
  const vault = new Worker('vault');
  const rows = [];
  for (const count of full ? [1, 100, 1741] : [1, 100]) {
    const [kib] = await vault.ask(`tenants ${count}`);
    const times = [];
    await vault.ask('reads 20000');
    for (let i = 0; i < 11; i++) times.push((await vault.ask('reads 5000'))[0]);
    rows.push({ count, kib, read: median(times) });
  }
  await vault.end();
  return rows;
}

function table(growth, open) {
  console.log('\n| doses | import, vault | import, plain | point read, vault | point read, plain |\n|--:|--:|--:|--:|--:|');
  for (const row of growth)
    console.log(`| ${row.doses.toLocaleString('en')} | ${micro(row.fillVault)} | ${micro(row.fillPlain)} | ${micro(row.readVault)} | ${micro(row.readPlain)} |`);
  console.log('\n| open tenants | memory of one more, KiB | point read |\n|--:|--:|--:|');
  for (const row of open) console.log(`| ${row.count.toLocaleString('en')} | ${row.kib} | ${micro(row.read)} |`);
}

// Log-log, microseconds over doses.
function plot(growth) {
  const width = 640;
  const height = 360;
  const max = Math.log10(growth.at(-1).doses);
  const x = (doses) => 60 + ((Math.log10(doses) - 4) / Math.max(max - 4, 1)) * (width - 220);
  const y = (us) => height - 40 - (Math.log10(us) / 3) * (height - 70);
  const series = [
    ['fillVault', 'import, vault', '#c0392b', ''],
    ['fillPlain', 'import, plain', '#c0392b', '5 4'],
    ['readVault', 'point read, vault', '#2c5aa0', ''],
    ['readPlain', 'point read, plain', '#2c5aa0', '5 4'],
  ];
  const parts = [`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12">`,
    '<title>Microseconds for one dose imported and one resident read, by size of the vault</title>',
    `<rect width="${width}" height="${height}" fill="#fff"/>`];
  for (const us of [1, 10, 100, 1000])
    parts.push(`<path d="M60 ${y(us)}H${width - 160}" stroke="#ddd"/><text x="54" y="${y(us) + 4}" text-anchor="end">${us} µs</text>`);
  for (const row of growth)
    parts.push(`<text x="${x(row.doses)}" y="${height - 20}" text-anchor="middle">${row.doses.toLocaleString('en')}</text>`);
  series.forEach(([key, label, colour, dash], i) => {
    const points = growth.map((row) => `${x(row.doses).toFixed(1)},${y(row[key] / 1000).toFixed(1)}`).join(' ');
    parts.push(`<polyline points="${points}" fill="none" stroke="${colour}" stroke-width="2" stroke-dasharray="${dash}"/>`,
      `<path d="M${width - 150} ${40 + i * 20}h24" stroke="${colour}" stroke-width="2" stroke-dasharray="${dash}"/><text x="${width - 120}" y="${44 + i * 20}">${label}</text>`);
  });
  parts.push('</svg>\n');
  writeFileSync('docs/performance-vault.svg', parts.join('\n'));
}

try {
  const vault = new Worker('vault');
  const plain = new Worker('plain');
  await pageCost(vault);
  const { rows, ratio } = await grow(vault, plain, full ? [1e4, 1e5, 1e6, 2e6] : [1e4, 1e5]);
  figure('vault-import', ratio, 'of-plain', 0.8);
  await reads(vault, plain);
  await writes(vault, plain);
  await vault.end();
  await plain.end();
  await groups();
  if (full && most > 2e6) {
    const large = [new Worker('vault'), new Worker('plain')];
    rows.push((await grow(...large, [most])).rows[0]);
    for (const worker of large) await worker.end();
  }
  table(rows, await tenants());
  if (write) plot(rows);
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
process.exitCode = short > 0 ? 1 : 0;
