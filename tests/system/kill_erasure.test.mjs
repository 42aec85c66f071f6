// SPDX-License-Identifier: Apache-2.0
// kill -9 during erasures, VRX_KILLS times (kills.mjs). Whoever runs it again comes to the same end as without kills:
// the same rows are gone and counted, the certificate verifies, nothing of the person is in any page, others are
// as they were.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { collect } from './clients.mjs';
import { World } from './harness.mjs';
import { killDuring, kills, random, seed, unlessDead } from './kills.mjs';
import { addressee, dose, numberOf } from './steps.mjs';
import { importTown, makeTown } from './town.mjs';

const PERSON = 7000000;
const cutoff = new Date(Date.now() - 1826 * 86400e3).toISOString().slice(0, 10);

let world;
let clean; // what a run without kills erases, and in how many steps

const everybody = () => collect(world.client('sapporo-console').Records.export());
const doses = { subject: { what: 'RETENTION_CLASS_VACCINATION' } };
const erase = async (request, town = 'sapporo') =>
  (await collect(world.client(`${town}-console`).Retention.erase(request))).at(-1).erasure;

before(async () => {
  world = await World.make({ unattended: true });
  const town = await makeTown(world.path('town'), { residents: 2000 });
  for (const name of ['sapporo', 'kashiwa']) await importTown(world.client(`${name}-system`), town);
  const steps = await collect(world.client('kashiwa-console').Retention.erase(doses));
  clean = { rows: steps.at(-1).erasure.erased, steps: steps.length };
  assert.equal(clean.rows.length, 1);
  assert.ok(clean.steps > 10);
});

after(() => world?.close());

test(`a class, killed ${kills} times (VRX_SEED=${seed})`, async () => {
  const stay = (await everybody()).map((one) => ({ ...one,
    doses: one.doses.filter(({ administeredOn }) => administeredOn >= cutoff) }));
  let interrupted = 0;
  let certificates = 0;
  for (let i = 0; i < kills; i++) {
    // By the steps, not by the clock: the first kill comes when nearly all is left to do, however busy the machine is.
    let left = i ? 1 + Math.floor(random() * 2) : 1;
    await killDuring(world, null, async (dead, kill) => {
      const done = await unlessDead(dead, async () => {
        for await (const { erasure } of world.client('sapporo-console').Retention.erase(doses)) {
          if (--left === 0) kill();
          if (erasure.certificate.length) return true;
        }
        return true;
      });
      if (!done) interrupted += 1;
      kill();
    });
    const { erasures } = await world.client('sapporo-console').Retention.listErasures();
    assert.ok(erasures.length <= 1, 'it goes on with the one that was begun');
    certificates = erasures.filter(({ certificate }) => certificate.length).length;
    if (certificates) break;
  }
  if (!certificates) await erase(doses);
  const { erasures } = await world.client('sapporo-console').Retention.listErasures();
  assert.equal(erasures.length, 1);
  assert.deepEqual(erasures[0].erased, clean.rows);
  assert.ok(erasures[0].certificate.length > 0);
  assert.ok(interrupted > 0, 'no kill came in time');
  assert.deepEqual(await everybody(), stay);
});

test(`persons, killed ${kills} times`, async () => {
  const counter = () => world.client('sapporo-counter');
  const stay = await everybody();
  for (let i = 0; i < kills; i++) {
    const number = PERSON + i;
    const texts = [numberOf(number), `ZK${1000 + i}`, `消去町${1000 + i}番`];
    await counter().Records.registerResident({ resident: { addresseeNumber: String(number), sex: 2,
      individualNumber: numberOf(number), name: '消去 対象', kana: 'ショウキョ', birthDate: '1990-01-01',
      address: `消去町${1000 + i}番` } });
    await counter().Records.recordVaccination(
      { resident: addressee(number), dose: dose({ lot: texts[1], administeredOn: '2022-03-01' }) });
    const request = { subject: { resident: addressee(number) }, order: `第${i}号` };
    await killDuring(world, 60, (dead) => unlessDead(dead, () => erase(request)));
    const found = (await world.client('sapporo-console').Retention.listErasures()).erasures
      .find(({ order }) => order === request.order);
    if (!found?.certificate.length) await erase(request);
    const { erasures } = await world.client('sapporo-console').Retention.listErasures();
    const [erasure] = erasures.filter(({ order }) => order === request.order);
    assert.ok(erasure.certificate.length > 0);
    assert.equal(erasure.erased.find(({ kind }) => kind === 'ERASED_KIND_RESIDENT').rows, 1);
    const left = await world.checkVault('sapporo', texts);
    assert.deepEqual(left.found, Object.fromEntries(texts.map((text) => [text, 0])));
  }
  assert.deepEqual(await everybody(), stay);
});
