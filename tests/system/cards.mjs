// SPDX-License-Identifier: Apache-2.0
// SMART Health Cards made and read without VRX: signed by jose, compressed by Node's zlib.
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { CompactSign, calculateJwkThumbprint, compactVerify, createLocalJWKSet, exportJWK, generateKeyPair } from 'jose';

const immunization = (number, { date, code = '208', lot, performer, status = 'completed' }) => ({
  fullUrl: `resource:${number}`,
  resource: { resourceType: 'Immunization', status,
    vaccineCode: { coding: [{ system: 'http://hl7.org/fhir/sid/cvx', code }] },
    patient: { reference: 'resource:0' }, occurrenceDateTime: date,
    ...(performer && { performer: [{ actor: { display: performer } }] }), ...(lot && { lotNumber: lot }) },
});

// What a card says of a person { family, given, birthDate } and their doses.
export const claims = (iss, person, doses, more = {}, credential = {}) => ({
  iss, nbf: Math.floor(Date.now() / 1000) - 60, ...more,
  vc: { type: ['https://smarthealth.cards#health-card'], credentialSubject: { fhirVersion: '4.0.1', fhirBundle: {
    resourceType: 'Bundle', type: 'collection', entry: [
      { fullUrl: 'resource:0', resource: { resourceType: 'Patient',
        name: [{ family: person.family, given: person.given }], birthDate: person.birthDate } },
      ...doses.map((dose, index) => immunization(index + 1, dose))] } }, ...credential },
});

// { url, jwks, sign(claims, header) }: jwks is what it publishes, sign gives a JWS.
export async function makeIssuer(url) {
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
  const jwk = await exportJWK(publicKey);
  const kid = await calculateJwkThumbprint(jwk);
  return { url, jwks: { keys: [{ ...jwk, kid, use: 'sig', alg: 'ES256' }] },
    sign: (content, header = {}) => new CompactSign(deflateRawSync(JSON.stringify(content), { level: 9 }))
      .setProtectedHeader({ zip: 'DEF', alg: 'ES256', kid, ...header }).sign(privateKey) };
}

export const qrText = (jws) =>
  `shc:/${[...jws].map((character) => String(character.charCodeAt(0) - 45).padStart(2, '0')).join('')}`;
export const jwsOf = (text) => text.slice('shc:/'.length).replace(/\d\d/g,
  (pair) => String.fromCharCode(Number(pair) + 45));

// The claims of a JWS that verifies with the published keys.
export async function open(jws, jwks) {
  const { payload, protectedHeader } = await compactVerify(jws, createLocalJWKSet(jwks));
  return { protectedHeader, claims: JSON.parse(inflateRawSync(payload)) };
}
