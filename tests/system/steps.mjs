// SPDX-License-Identifier: Apache-2.0
// What officers do at their terminals, as single calls: the tests' words for the protocol's steps.
import { createHash } from 'node:crypto';
import { collect } from './clients.mjs';

export const addressee = (number) => ({ addresseeNumber: String(number) });
export const individual = (number) => ({ individualNumber: number });

// The first residents of every town (tests/support/town.h).
export const hanako = { addresseeNumber: '1', individualNumber: '123456789018', name: '札幌 花子',
  kana: 'サッポロ ハナコ', birthDate: '1985-04-01', sex: 2, address: '北海道札幌市東町6丁目15番4号' };
export const taro = { addresseeNumber: '2', individualNumber: '987654321093', name: '北海 太郎',
  kana: 'ホッカイ タロウ', birthDate: '1979-11-03', sex: 1, address: '北海道札幌市南町7丁目32番18号' };

// A 12-digit number whose check digit is right (JIS X 0076 as the Number Act's ordinance has it).
export function numberOf(eleven) {
  const digits = String(eleven).padStart(11, '0');
  const weights = [6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2];
  const rest = weights.reduce((sum, weight, at) => sum + weight * Number(digits[at]), 0) % 11;
  return digits + (rest <= 1 ? 0 : 11 - rest);
}

// "19850401" as the calendar date of the messages.
export const dateOf = (text) => text.normalize('NFKC').replace(/^(\d{4})(\d\d)(\d\d)$/, '$1-$2-$3');

// A ticket number of its own each time: no certificate rests on a dose with another person's.
let tickets = 9900000000; // the towns' files count from 1
export const dose = (values = {}) => ({ doseNumber: 1, administeredOn: '2021-07-01', product: 1, lot: 'EY2173',
  venue: '中央病院', physician: '佐藤 一郎', ticketNumber: String(tickets += 1), administeredBy: '011002', ...values });

const documents = [{ type: 'DOCUMENT_TYPE_NOTIFICATION_CARD', number: 'N-1' },
  { type: 'DOCUMENT_TYPE_DRIVING_LICENCE', number: 'D-1234567890' }];

export async function evidenceOf(client, resident, values = {}) {
  const reply = await client.Exchange.recordIdentityEvidence({ resident, documents,
    method: 'IDENTITY_METHOD_NOTIFICATION_PHOTO', purpose: 'PURPOSE_MOVER', ...values });
  return reply.evidenceId;
}

export async function consentOf(client, resident, evidenceId, values = {}) {
  const reply = await client.Exchange.grantConsent({ resident, evidenceId, origins: ['011002'],
    items: ['DATA_ITEM_DOSE', 'DATA_ITEM_LOT'], formNumber: 'F-2026-0001',
    formDigest: createHash('sha256').update('signed form').digest(), validDays: 30, ...values });
  return reply.consentId;
}

export const queryFor = (resident, evidenceId, consentId, values = {}) => ({ resident, evidenceId, consentId,
  fromMunicipality: '011002', toMunicipality: '122173', items: ['DATA_ITEM_DOSE', 'DATA_ITEM_LOT'], ...values });

// Identity check, consent and request for a resident of Kashiwa: the query's id.
export async function ask(client, resident) {
  const evidenceId = await evidenceOf(client, resident);
  const consentId = await consentOf(client, resident, evidenceId);
  return (await client.Exchange.requestTransfer(queryFor(resident, evidenceId, consentId))).queryId;
}

// Watches a transfer to its end: every message of the stream, the last one final.
export async function watch(client, queryId) {
  return (await collect(client.Exchange.watchTransfer({ queryId }))).map(({ transfer }) => transfer);
}

export async function applyFor(client, resident, values = {}) {
  const evidenceId = await evidenceOf(client, resident, { purpose: 'PURPOSE_CERTIFICATE' });
  const reply = await client.Certificates.apply({ resident, evidenceId, kind: 'CERTIFICATE_KIND_HCERT',
    passportSurname: 'SAPPORO', passportGivenName: 'HANAKO', ...values });
  return reply.applicationId;
}

// What else is said of the other kinds.
export const travel = { kind: 'CERTIFICATE_KIND_TRAVEL', passportNumber: 'TR1234567', nationality: 'JPN' };
export const domestic = { kind: 'CERTIFICATE_KIND_DOMESTIC', passportSurname: '', passportGivenName: '' };

// What of a dose is the same wherever it is kept.
export const medical = ({ doseNumber, administeredOn, product, lot, administeredBy }) =>
  ({ doseNumber, administeredOn, product, lot, administeredBy });
