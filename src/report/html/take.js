// Pictures to take away, as SVG, PNG and CSV: with a title, the source, and what must be said of the data.
function wrapped(text, most) {
  const lines = [''];
  for (const word of text.split(' ')) {
    if (lines.at(-1) && (lines.at(-1).length + word.length + 1) > most) lines.push('');
    lines[lines.length - 1] += (lines.at(-1) ? ' ' : '') + word;
  }
  return lines;
}
const escapedXml = (text) => String(text).replace(/[&<>"]/g, (sign) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[sign]);
// A picture that stands alone: `parts` are SVG elements, one below the other.
function figure(parts, title, notes, legendRows = []) {
  const c = colours();
  const sizes = parts.map((svg) => { const box = svg.getBoundingClientRect(); return [Math.round(box.width), Math.round(box.height)]; });
  const width = Math.max(480, ...sizes.map((size) => size[0]));
  const font = 'system-ui, -apple-system, Segoe UI, Roboto, Noto Sans, Arial, sans-serif';
  const text = (line, y, size, weight, fill) => `<text x="16" y="${y}" font-family="${font}" font-size="${size}" font-weight="${weight}" fill="${fill}">${escapedXml(line)}</text>`;
  let y = 16;
  let body = '';
  for (const line of wrapped(title, Math.floor(width / 9))) { y += 20; body += text(line, y, 17, 700, c.ink); }
  y += 12;
  parts.forEach((svg, at) => {
    const copy = svg.cloneNode(true);
    copy.setAttribute('x', 0);
    copy.setAttribute('y', y);
    copy.setAttribute('width', sizes[at][0]);
    copy.setAttribute('height', sizes[at][1]);
    if (!copy.getAttribute('viewBox')) copy.setAttribute('viewBox', `0 0 ${sizes[at][0]} ${sizes[at][1]}`);
    copy.removeAttribute('style');
    copy.setAttribute('font-family', font);
    body += new XMLSerializer().serializeToString(copy);
    y += sizes[at][1] + 8;
  });
  let x = 16;
  if (legendRows.length) y += 14;
  for (const [colour, words] of legendRows) {
    const wide = 26 + words.length * 6.6;
    if (x + wide > width && x > 16) { x = 16; y += 20; }
    body += `<rect x="${x}" y="${y - 10}" width="12" height="12" rx="2" fill="${colour}" stroke="${c.border}"/><text x="${x + 18}" y="${y}" font-family="${font}" font-size="12" fill="${c.soft}">${escapedXml(words)}</text>`;
    x += wide + 8;
  }
  if (legendRows.length) y += 6;
  for (const note of notes) for (const line of wrapped(note, Math.floor(width / 6.2))) { y += 16; body += text(line, y, 11.5, 400, c.soft); }
  y += 14;
  return { width, height: y, text: `<svg xmlns="${SVG}" width="${width}" height="${y}" viewBox="0 0 ${width} ${y}"><rect width="100%" height="100%" fill="${c.card}"/>${body}</svg>` };
}
function save(name, blob) {
  const link = make('a', { href: URL.createObjectURL(blob), download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}
function saveSvg(name, picture) { save(`${name}.svg`, new Blob([picture.text], { type: 'image/svg+xml' })); }
function savePng(name, picture) {
  const image = new Image();
  const url = URL.createObjectURL(new Blob([picture.text], { type: 'image/svg+xml' }));
  image.onload = () => {
    const canvas = document.createElement('canvas');
    const scale = 2;
    [canvas.width, canvas.height] = [picture.width * scale, picture.height * scale];
    canvas.getContext('2d').drawImage(image, 0, 0, canvas.width, canvas.height);
    URL.revokeObjectURL(url);
    canvas.toBlob((blob) => save(`${name}.png`, blob), 'image/png');
  };
  image.src = url;
}
// The notes lead the table as lines that begin with `#`.
function saveCsv(name, spec, notes) {
  const text = notes.map((note) => `# ${note.replaceAll('\n', ' ')}\r\n`).join('') + csv(spec.columns, spec.rows);
  save(`${name}.csv`, new Blob([text], { type: 'text/csv' }));
}
// Buttons to take a picture away; `of()` gives { name, title, parts, legend, table, notes } as it is then.
function takeAway(of) {
  const button = (words, act) => make('button', { type: 'button', class: 'quiet take', 'aria-label': `Download as ${words}`, onclick: () => { const it = of(); act(it, () => figure(it.parts, it.title, it.notes, it.legend || [])); } }, words);
  return make('span', { class: 'takes' }, make('span', { class: 'note', 'aria-hidden': 'true' }, 'Download'),
    button('SVG', (it, picture) => saveSvg(it.name, picture())),
    button('PNG', (it, picture) => savePng(it.name, picture())),
    button('CSV', (it) => saveCsv(it.name, it.table, [it.title, ...it.notes])));
}
