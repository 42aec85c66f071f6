// SPDX-License-Identifier: Apache-2.0
//
// What is loaded: a vrxd with a municipality full of residents; nghttpd with a file of an empty reply's size; an empty
// call on gRPC C++. Each asks for the client's certificate.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { makePlatform, startDaemon } from '../daemons.mjs';
import { firstAdministrator } from '../../system/people.mjs';
import { runWell, shared, until } from '../../system/programs.mjs';
import { threads } from './load.mjs';

const HEALTH_REPLY = 7; // bytes: a message's prefix, and { status: SERVING }

const framed = (message) => Buffer.concat([Buffer.from([0, 0, 0, 0, message.length]), message]);

// A port that the kernel picked, for programs that want to be told one.
export async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

// A program that stays; ends with end().
export function keep(name, args, options = {}) {
  const child = spawn(name, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
  const ended = once(child, 'exit');
  let output = '';
  let gone = false;
  ended.then(() => { gone = true; });
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => { output += text; });
  return {
    pid: child.pid,
    says: (pattern) => until(() => {
      if (gone) throw new Error(`${name} ended: ${output}`);
      return pattern.exec(output);
    }),
    end: (signal = 'SIGTERM') => {
      if (!gone) child.kill(signal);
      return ended;
    },
  };
}

function bodyFiles(folder, name, bodies) {
  const first = join(folder, `${name}.first`);
  const all = join(folder, `${name}.bodies`);
  writeFileSync(first, bodies[0]);
  writeFileSync(all, Buffer.concat(bodies));
  return { first, all, bytes: bodies[0].length };
}

export const emptyBody = (folder) => bodyFiles(folder, 'empty', [framed(Buffer.alloc(0))]);

// GetHistory of every resident whose number has as many digits as the most have: bodies are of one size.
function historyBodies(folder, town, residents) {
  const digits = String(residents - 1).length;
  const wrong = new Set(readFileSync(join(town, 'expected.tsv'), 'utf8').split('\n').map((line) => line.split('\t'))
    .filter(([file]) => file === 'residents.csv').map(([, line]) => Number(line)));
  const bodies = [];
  readFileSync(join(town, 'residents.csv'), 'latin1').split('\r\n').forEach((row, index) => {
    const addressee = row.split(',')[0].replaceAll('"', '');
    if (wrong.has(index + 1) || addressee.length !== digits || !/^\d+$/.test(addressee)) return;
    const key = Buffer.concat([Buffer.from([0x12, digits]), Buffer.from(addressee)]); // ResidentKey.addressee_number
    bodies.push(framed(Buffer.concat([Buffer.from([0x0a, key.length]), key])));
  });
  return bodyFiles(folder, 'history', bodies);
}

// Of memory, the same for vrxd and PostgreSQL: room for all that they keep.
export const cacheMebibytes = 3072;

// A municipality with so many residents, imported by `vrx import` as its health system would.
export async function startVrxd(folder, residents) {
  const vrx = (...args) => runWell('vrx', args, { cwd: folder });
  await makePlatform(folder);
  for (const terminal of ['console', 'system']) await vrx('pki', 'terminal', '--ca', 'ca', '--name', terminal, '--out', terminal);
  const daemon = await startDaemon(folder, { options: ['--threads', String(threads), '--cache-mebibytes', String(cacheMebibytes)] });
  const at = (terminal, ...args) => vrx(...args, '--server', `localhost:${daemon.port}`, '--terminal', terminal,
    '--operator', 'bench');
  await at('platform', 'tenant', 'create', '--keyring', 'custodian/keyring.cbor', '--console', 'console/certificate.pem');
  await at('console', 'unseal', '--custodian', 'custodian/custodian.pem', '--keyring', 'custodian/keyring.cbor',
    '--checkpoint', 'held.note');
  await firstAdministrator(daemon.port, join(folder, 'console'));
  await at('console', 'terminal', 'register', '--certificate', 'system/certificate.pem', '--kind', 'health-system',
    '--label', 'bench');
  await runWell('vrx-make-town', ['--municipality', '011002', '--residents', String(residents), '--faults', '1', '--out',
    'town'], { cwd: folder, env: { ...process.env, VRX_DATA: shared('VRX_DATA', 'data') } });
  const begun = Date.now();
  for (const file of ['residents', 'vaccinations'])
    await runImport(at, file);
  return { daemon, body: historyBodies(folder, join(folder, 'town'), residents), seconds: (Date.now() - begun) / 1000 };
}

// The town has a few faulty rows, of which the import tells by its exit status.
async function runImport(at, file) {
  try {
    await at('system', 'import', file, `town/${file}.csv`, '--errors', `${file}.errors`);
  } catch (error) {
    if (!/not taken: \d\d?;/.test(error.message)) throw error;
  }
}

export async function startNghttpd(folder) {
  const port = await freePort();
  mkdirSync(join(folder, 'www'));
  writeFileSync(join(folder, 'www', 'reply'), '1234567'.slice(0, HEALTH_REPLY));
  const server = keep('nghttpd', ['-V', '-n', String(threads), '-a', '127.0.0.1', '-d', 'www', String(port), 'server/key.pem',
    'server/certificate.pem'], { cwd: folder });
  return { ...server, port };
}

export async function startGrpc(folder, program) {
  const server = keep(program, ['server/certificate.pem', 'server/key.pem', 'ca/certificate.pem'], { cwd: folder });
  const [, port] = await server.says(/port (\d+)/);
  return { ...server, port };
}
