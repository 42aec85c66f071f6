// SPDX-License-Identifier: Apache-2.0
// An invented municipality's files by vrx-make-town, read here by a second reader (TextDecoder and twenty lines of
// CSV) into the rows of proto/vrx/v1/records.proto, and what the files' maker says is wrong in them.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runWell, shared } from './programs.mjs';

// Lines with their numbers; a line that is not CP932 or has another number of cells is none that a client could
// send as a row: it is left out, and so are the faults that are expected of it ("row").
function read(path, cells) {
  const text = new TextDecoder('shift_jis').decode(readFileSync(path));
  return text.split('\r\n').map((line, index) => ({ line: index + 1, cells: split(line) }))
    .filter((row) => row.cells.length % cells.every === cells.rest && row.cells.length > 1 &&
      !row.cells.some((cell) => cell.includes('\ufffd')));
}

function split(line) {
  const cells = [];
  for (const [, quoted, plain] of line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g))
    cells.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
  return cells;
}

function resident({ line, cells: [addresseeNumber, individualNumber, name, kana, birthDate, sex, address] }) {
  return { line, addresseeNumber, individualNumber, name, kana, birthDate, sex, address };
}

function vaccinations({ line, cells: [addresseeNumber, ...rest] }) {
  const doses = [];
  for (let at = 0; at < rest.length; at += 8) {
    const [registeredAt, administeredOn, ticketNumber, municipalityCode, venue, physician, manufacturer, lot] =
      rest.slice(at, at + 8);
    doses.push({ registeredAt, administeredOn, ticketNumber, municipalityCode, venue, physician, manufacturer, lot });
  }
  return { line, addresseeNumber, doses };
}

// { residents, vaccinations: rows; faults: [{ file, line, field, reason, dose }]; counts: { residents_good, … } }
export async function makeTown(folder, { municipality = '011002', residents = 300, seed = 1 } = {}) {
  const data = shared('VRX_DATA', 'data');
  await runWell('vrx-make-town', ['--municipality', municipality, '--residents', String(residents), '--seed',
    String(seed), '--out', folder], { env: { ...process.env, VRX_DATA: data } });
  const counts = {};
  const faults = [];
  for (const line of readFileSync(join(folder, 'expected.tsv'), 'utf8').split('\n').filter(Boolean)) {
    const [first, ...rest] = line.split('\t');
    if (!first.startsWith('#'))
      faults.push({ file: first, line: Number(rest[0]), field: rest[1], reason: rest[2], dose: Number(rest[3]) });
    else if (rest.length === 1)
      counts[first.slice(2)] = Number(rest[0]);
  }
  return {
    counts,
    faults,
    residents: read(join(folder, 'residents.csv'), { every: 1000, rest: 7 }).slice(1).map(resident),
    vaccinations: read(join(folder, 'vaccinations.csv'), { every: 8, rest: 1 }).map(vaccinations),
  };
}

// Messages of at most `size` rows, as an import sends them, the last one with how many there were.
export function* messages(rows, size = 500) {
  for (let at = 0; at < rows.length; at += size) yield { rows: rows.slice(at, at + size) };
  yield { end: { rows: rows.length } };
}

export async function importTown(client, town, size) {
  return {
    residents: await client.Records.importResidents(messages(town.residents, size)),
    vaccinations: await client.Records.importVaccinations(messages(town.vaccinations, size)),
  };
}
