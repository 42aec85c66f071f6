// SPDX-License-Identifier: Apache-2.0
//
// Calls a second and their times over the number of connections, both axes logarithmic.
const series = [['history', 'GetHistory', '#c0392b'], ['empty', 'empty call', '#2c5aa0'], ['grpc', 'gRPC C++, empty call', '#7f8c8d']];
const width = 330;
const bottom = 300;

function panel(rows, left, title, ticks, lines) {
  const [least, most] = [ticks[0], ticks.at(-1)];
  const x = (connections) => left + (Math.log10(connections) / Math.log10(rows.at(-1).connections)) * width;
  const y = (value) => bottom - (Math.log10(Math.max(value, least) / least) / Math.log10(most / least)) * 250;
  const parts = [`<text x="${left}" y="30" font-weight="bold">${title}</text>`];
  for (const tick of ticks)
    parts.push(`<path d="M${left} ${y(tick).toFixed(1)}h${width}" stroke="#ddd"/><text x="${left - 6}" y="${(y(tick) + 4).toFixed(1)}" text-anchor="end">${tick.toLocaleString('en')}</text>`);
  for (const { connections } of rows)
    parts.push(`<text x="${x(connections).toFixed(1)}" y="${bottom + 20}" text-anchor="middle">${connections.toLocaleString('en')}</text>`);
  for (const [value, colour, dash] of lines)
    parts.push(`<polyline points="${rows.map((row) => `${x(row.connections).toFixed(1)},${y(value(row)).toFixed(1)}`).join(' ')}" fill="none" stroke="${colour}" stroke-width="2" stroke-dasharray="${dash}"/>`);
  return parts;
}

export function plot(rows) {
  const parts = ['<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 900 370" font-family="sans-serif" font-size="12">',
    '<title>Calls a second, and the time of a call, by connections with one call each</title>',
    '<rect width="900" height="370" fill="#fff"/>',
    ...panel(rows, 70, 'calls a second, by connections', [1000, 10000, 100000],
      series.map(([name, , colour]) => [(row) => row[name].rate, colour, ''])),
    ...panel(rows, 520, 'milliseconds, p50 (solid) and p99 (dashed)', [0.01, 0.1, 1, 10, 100, 1000],
      series.flatMap(([name, , colour]) => [[(row) => row[name].p50 / 1000, colour, ''], [(row) => row[name].p99 / 1000, colour, '5 4']]))];
  series.forEach(([, label, colour], i) => parts.push(
    `<path d="M${70 + i * 220} 350h24" stroke="${colour}" stroke-width="2"/><text x="${100 + i * 220}" y="354">${label}</text>`));
  return `${[...parts, '</svg>'].join('\n')}\n`;
}
