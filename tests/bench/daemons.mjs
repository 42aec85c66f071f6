// SPDX-License-Identifier: Apache-2.0
//
// A vrxd of its own with the files that it needs, and the custodians of its municipalities (tenants_bench.c).
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { root, runWell, shared, start, unlimited } from '../system/programs.mjs';

// Municipalities have a name of their own in the list; prefectures have not.
export function codes() {
  const rows = readFileSync(join(shared('VRX_DATA', 'data'), 'municipalities.csv'), 'utf8').split('\n').slice(1);
  return rows.map((row) => row.split(',')).filter((cells) => cells[2]).map(([code]) => code);
}

// In this folder: what a daemon needs, and the codes of all municipalities.
export async function makePlatform(folder) {
  const vrx = (...args) => runWell('vrx', args, { cwd: folder });
  writeFileSync(join(folder, 'codes'), `${codes().join('\n')}\n`);
  await vrx('pki', 'platform-ca', '--out', 'ca');
  await vrx('pki', 'server', '--ca', 'ca', '--name', 'DNS:localhost,IP:127.0.0.1', '--out', 'server');
  await vrx('pki', 'terminal', '--ca', 'ca', '--name', 'platform', '--out', 'platform');
  await vrx('authority', 'init', '--out', 'authority');
  await vrx('custodian', 'init', '--municipality', '011002', '--out', 'custodian');
  await vrx('authority', 'directory', '--authority', 'authority', '--version', '1', '--days', '30', '--out',
    'directory.cbor', '--municipality', 'custodian/keyring.cbor,札幌市,Sapporo');
  await vrx('authority', 'permits', '--authority', 'authority', '--version', '1', '--days', '30', '--table',
    join(root, 'services', 'permits.json'), '--out', 'permits.cbor');
  mkdirSync(join(folder, 'state'), { mode: 0o700 });
}

// Its callers' limits are out of the way, counted all the same.
export async function startDaemon(folder, { listen = '127.0.0.1:0', program = 'vrxd', options = [] } = {}) {
  const begun = process.hrtime.bigint();
  const daemon = start(program, ['--state', 'state', '--listen', listen, '--certificate',
    'server/certificate.pem', '--key', 'server/key.pem', '--client-ca', 'ca/certificate.pem', '--authority',
    'authority/certificate.pem', '--directory', 'directory.cbor', '--permits', 'permits.cbor', '--issuer',
    'issuer.sock', '--platform-terminal', 'platform/certificate.pem',
    ...unlimited, ...options], { cwd: folder });
  const [, port] = await daemon.says(/vrxd: listening on \S+:(\d+)\n/);
  return { ...daemon, port, ready: Number(process.hrtime.bigint() - begun) };
}

export class Custodians {
  constructor(folder, port) {
    const program = join(resolve(process.env.VRX_BUILD), 'bench', 'bench_tenants');
    this.child = spawn(program, [port, 'ca', 'platform', 'codes'], { cwd: folder, stdio: ['pipe', 'pipe', 'inherit'] });
    this.lines = createInterface({ input: this.child.stdout })[Symbol.asyncIterator]();
    this.ended = new Promise((done) => { this.child.on('exit', done); });
  }
  async ask(word, number) {
    this.child.stdin.write(`${word} ${number}\n`);
    const { value, done } = await this.lines.next();
    if (done) throw new Error(`the program ended at: ${word} ${number}`);
    return Number(value);
  }
  end() {
    this.child.stdin.end();
    return this.ended;
  }
}
