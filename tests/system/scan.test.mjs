// SPDX-License-Identifier: Apache-2.0
// After the main job, refusals and a kill -9: no byte on disk says who anyone is. vrx-find-text looks for the
// individual number, names, address and documents in every file of both state folders and in what the daemons
// logged and told as metrics, while they run, as a kill left them, and after a proper end; and it does find a canary.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { collect, refused } from './clients.mjs';
import { get } from './exposition.mjs';
import { World, run } from './harness.mjs';
import { addressee, applyFor, ask, hanako, individual, watch } from './steps.mjs';
import { importTown, makeTown, messages } from './town.mjs';

const secrets = [hanako.individualNumber, '１２３４５６７８９０１８', '札幌 花子', '札幌　花子', '札幌花子', 'サッポロ ハナコ',
  'ｻｯﾎﾟﾛ ﾊﾅｺ', '北海道札幌市東町', '柏市柏五丁目', 'HANAKO', 'D-1234567890', 'system.test', 'HC1:'];

let world;
let town;

before(async () => {
  world = await World.make();
  town = await makeTown(world.path('town'), { residents: 100 });
  await importTown(world.client('sapporo-system'), town);
});

after(() => world?.close());

// None where a kill has left a socket that nobody answers.
const metrics = () => get({ socketPath: world.path('metrics.sock') }).then(({ text }) => text, () => '');

// Every file of the daemons: their states, and what they have said.
async function finds(text) {
  const logs = world.path('logs');
  mkdirSync(logs, { recursive: true });
  writeFileSync(world.path('logs', 'vrxd'), world.daemon.output());
  writeFileSync(world.path('logs', 'vrx-issuer'), world.issuer.output());
  if (existsSync(world.path('metrics.sock')))
    writeFileSync(world.path('logs', 'metrics'), await metrics());
  const { code, stdout, stderr } = await run('vrx-find-text', [text, 'state', 'issuer', 'logs'], { cwd: world.folder });
  assert.ok(code === 0 || code === 1, stderr);
  return code === 1 ? stdout : '';
}

async function nothingIsReadable() {
  for (const text of [...secrets, ...town.vaccinations[0].doses.map(({ lot }) => lot).filter(Boolean)])
    assert.equal(await finds(text), '', `"${text}" lies in the clear`);
}

test('while the daemons run, after import, transfer, certificate and refusals', async () => {
  const counter = world.client('sapporo-counter');
  const kashiwa = world.client('kashiwa-counter');
  await kashiwa.Records.registerResident(
    { resident: { ...hanako, addresseeNumber: '500001', address: '千葉県柏市柏五丁目10番1号' } });
  assert.equal((await watch(kashiwa, await ask(kashiwa, addressee(500001)))).at(-1).dosesImported, 2);
  const applicationId = await applyFor(counter, addressee(1));
  assert.ok((await counter.Certificates.issue({ applicationId })).certificate.text.startsWith('HC1:'));
  await refused(counter.Certificates.issue({ applicationId }), 'APPLICATION_USED');
  await refused(kashiwa.Records.registerResident({ resident: { ...hanako, addresseeNumber: '500002' } }),
    'NUMBER_CONFLICT');
  await refused(counter.Records.getHistory({ resident: individual('123456789010') }), 'CHECK_DIGIT_WRONG');
  assert.match(await metrics(), /^vrx_calls_total\{method="Records\/GetHistory",outcome="CHECK_DIGIT_WRONG"\} 1$/m);
  await nothingIsReadable();
});

test('as kill -9 in the middle of an import leaves it', async () => {
  const all = await makeTown(world.path('town-2'), { residents: 500, seed: 2 });
  const importing = world.client('sapporo-system').Records.importResidents(messages(all.residents, 10)).catch(() => {});
  await new Promise((resolve) => { setTimeout(resolve, 30); });
  await world.endDaemon('SIGKILL');
  await importing;
  await nothingIsReadable();
});

test('after recovery, unseal and a proper end', async () => {
  await world.startDaemon();
  for (const name of ['sapporo', 'kashiwa']) await world.unseal(name);
  assert.ok((await collect(world.client('sapporo-console').Records.export())).length >= town.counts.residents_good);
  await world.seal('kashiwa');
  await world.endDaemon();
  await nothingIsReadable();
});

test('and the scan finds what is there', async () => {
  writeFileSync(world.path('state', 'canary'), Buffer.concat([Buffer.alloc(5000, 7), Buffer.from(secrets[0])]));
  assert.match(await finds(secrets[0]), /state\/canary/);
  rmSync(world.path('state', 'canary'));
  assert.match(readFileSync(world.path('town', 'residents.csv'), 'latin1'), new RegExp(secrets[0]));
});
