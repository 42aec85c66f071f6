// SPDX-License-Identifier: Apache-2.0
// Movers from Sapporo to Kashiwa, as many as are wanted: residents of Sapporo with doses, registered at Kashiwa, with
// identity check and consent; the file in which an office hands them in; and a daemon for each of the two.
import assert from 'node:assert/strict';
import { collect } from './clients.mjs';
import { Daemons } from './daemons.mjs';
import { addressee, consentOf, dateOf, evidenceOf, medical, numberOf } from './steps.mjs';
import { importTown, makeTown, messages } from './town.mjs';

const AT_ONCE = 16;
// 宛名番号,転出元団体コード,同意ID,本人確認ID,項目 in CP932
const header = Buffer.from('88b696bc94d48d862c935d8f6f8cb3926391cc8352815b83682c93af88d349442c967b906c8a6d944649442c8d8096da0d0a', 'hex');

export const fileOf = (rows) => Buffer.concat([header, Buffer.from(rows.map((row) => `${row.join(',')}\r\n`).join(''))]);

export async function many(items, work) {
  const waiting = items.values();
  await Promise.all(Array.from({ length: AT_ONCE }, async () => {
    for (const item of waiting) await work(item);
  }));
}

// { what, line: in a file of all of them, sapporo: addressee number there, held: doses there, row: as registered at
// Kashiwa, evidenceId, consentId }. whatOf(at): 'unknown' has a number that Sapporo does not know; others are as
// they are, and the caller's to tell apart.
export async function makeMovers(world, count, whatOf = () => 'plain') {
  const town = await makeTown(world.path('town'), { residents: Math.ceil(count * 2.2) + 100 });
  await importTown(world.client('sapporo-system'), town);
  const keyOf = (name, birthDate, number) => `${name} ${birthDate} ${number.slice(-4)}`; // the export masks the rest
  const rows = new Map(town.residents.map((row) => [keyOf(row.name, dateOf(row.birthDate), row.individualNumber), row]));
  const movers = [];
  for (const { resident, doses } of await collect(world.client('sapporo-console').Records.export())) {
    const key = keyOf(resident.name, resident.birthDate, resident.individualNumber);
    const row = rows.get(key);
    if (!row || !doses.length || movers.length === count) continue;
    rows.delete(key);
    const at = movers.length;
    const what = whatOf(at);
    movers.push({ what, line: at + 2, sapporo: resident.addresseeNumber, held: doses.map(medical),
      row: { ...row, line: at + 2, addresseeNumber: String(60000000 + at),
        individualNumber: what === 'unknown' ? numberOf(70000000000 + at) : row.individualNumber } });
  }
  assert.equal(movers.length, count);
  const { imported } = await world.client('kashiwa-system').Records.importResidents(messages(movers.map(({ row }) => row)));
  assert.equal(imported, count);
  const counter = world.client('kashiwa-counter');
  await many(movers, async (mover) => {
    const key = addressee(mover.row.addresseeNumber);
    mover.evidenceId = await evidenceOf(counter, key);
    mover.consentId = await consentOf(counter, key, mover.evidenceId);
  });
  return movers;
}

// As a World of both municipalities, each in a daemon of its own.
export class Apart {
  static async make(options = {}) {
    const apart = new Apart();
    apart.daemons = await Daemons.make({ north: ['sapporo'], south: ['kashiwa'] }, options);
    return apart;
  }

  of(terminal) { return this.daemons.world(terminal.startsWith('sapporo') ? 'north' : 'south'); }
  get both() { return [this.of('sapporo'), this.of('kashiwa')]; }
  pids() { return this.both.map(({ daemon }) => daemon.pid); }
  path(...names) { return this.of('kashiwa').path(...names); }
  client(terminal, ...more) { return this.of(terminal).client(terminal, ...more); }
  well(terminal, ...args) { return this.of(terminal).well(terminal, ...args); }
  alone(terminal, ...args) { return this.of(terminal).alone(terminal, ...args); }
  unseal(town) { return this.of(town).unseal(town); }
  checkVault(town) { return this.of(town).checkVault(town); }
  endDaemon(signal) { return Promise.all(this.both.map((world) => world.endDaemon(signal))); }
  startDaemon(...more) { return Promise.all(this.both.map((world) => world.startDaemon(...more))); }
  close() { return this.daemons.close(); }
}
