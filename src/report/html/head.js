// What was computed, and what to take away; at the end how far to trust it.
const manifest = DATA.manifest;
const since = (seconds) => new Date(seconds * 1000).toISOString().slice(0, 16).replace('T', ' ') + ' UTC';
const whole = (value) => value.toLocaleString('en-GB');
function seconds(value) { return value >= 120 ? `${number(value / 60)} min` : `${number(value, 2)} s`; }

function headSection() {
  const { dataset, engine, counts, job, times } = manifest;
  const named = DATA.stories.length === 1 ? DATA.stories[0].name : null;
  byId('title').textContent = named ? `If this fails, who loses what? ${named}` : 'If these producers fail, who loses what?';
  document.title = `${DATA.folder} – shocksweep report`;
  const warning = byId('warning');
  if (dataset.warning) {
    warning.hidden = false;
    warning.textContent = dataset.synthetic
      ? `Synthetic data: real names, invented numbers. Nothing here may be cited. (${dataset.warning})`
      : `Not all data are original: losses are plausible, not citable. (${dataset.warning})`;
  }
  byId('takeaways').append(...DATA.takeaways.map((text) => make('li', {}, text)));
  if (!DATA.takeaways.length) byId('takeaways').hidden = true;
  const ways = { both: 'each without and with adaptation', on: 'with adaptation', off: 'without adaptation' };
  const screened = manifest.superposition && manifest.superposition.keep !== 'all';
  const facts = [
    ['Computed', screened ? `${whole(manifest.superposition.pairs)} pairs screened, ${job.steps} yearly steps` : `${whole(counts.run)} runs, ${ways[job.adaptation] || 'adaptation as each scenario says'}, ${job.steps} yearly steps`],
    ['Dataset', dataset.year ? `${dataset.name}, ${dataset.year}` : dataset.name],
    ['Engine', `${engine.name}, ${engine.precision}, ${engine.device}`],
    ['When', since(times.started_unix_s)],
    ['Program', `${manifest.program.name} ${manifest.program.version}`],
  ];
  byId('facts').append(...facts.map(([name, value]) => make('div', {}, make('dt', {}, name), make('dd', {}, value))));
}

function qualitySection() {
  const host = byId('quality');
  const { dataset, counts, times, superposition, thresholds, engine } = manifest;
  const rows = (list) => make('table', {}, make('tbody', {}, list.filter(Boolean).map(([name, value]) => make('tr', {}, make('th', { scope: 'row' }, name), make('td', {}, value)))));
  const runs = [
    counts.scenarios && !superposition?.check ? ['Scenarios', `${whole(counts.scenarios)}: ${whole(counts.run)} run, ${whole(counts.no_op)} without effect (the sector produces nothing)${counts.diverged ? `, ${whole(counts.diverged)} diverged (amounts left the range of numbers: their losses are not known and are in nothing here)` : ''}`] : null,
    superposition && superposition.shocks !== 3 ? ['Pairs', `${whole(superposition.pairs)}: ${whole(superposition.run)} run, ${whole(superposition.independent)} independent (their runs do not touch), ${superposition.negligible ? `${whole(superposition.negligible)} negligible (|S| provably below ${number(superposition.tolerance)} t), ` : ''}${whole(superposition.runaway || 0)} run away`] : null,
    superposition?.check ? ['Rules checked', `${whole(superposition.check.independent + superposition.check.negligible)} pairs that need no run were run: |S| up to ${number(Math.max(superposition.check.largest_independent, superposition.check.largest_negligible))} t; ${whole(superposition.check.broken)} broke a rule`] : null,
    counts.adapting ? ['Decisions', `${whole(counts.adapting)} to adapt, ${whole(counts.substituting)} to substitute`] : null,
    counts.overshoot ? ['Runaway', `${whole(counts.overshoot)} runs end with a sector above ${number(thresholds.overshoot)} times its baseline: the published rules can do that; such sectors count in no sum, ranking or scale here, and are in the tables with their flag`] : null,
    counts.loss_rows ? ['Losses', `${whole(counts.loss_rows)} rows with a loss or gain above ${number(thresholds.min_loss)} of the item's unit`] : null,
    ['Time', `${seconds(times.total_s)}: ${seconds(times.prepare_s)} to prepare, ${seconds(times.compute_s)} to compute, ${seconds(times.write_s)} to write`],
    ['Sums over items', DATA.unit.startsWith('kcal') ? `energy of food, counted where it is eaten: kcal per person and day${dataset.tells_food ? '' : '; the dataset does not tell food from other uses: all consumption of foods counts as eaten'}` : 'items counted in tonnes, kg per person; heads of animals are added to nothing'],
    ['Arithmetic', `${engine.precision}, ${engine.name} engine on ${engine.device}`],
    DATA.left_out.length ? ['Left out of sums over items', `${DATA.left_out.join(', ')}; tonnes of grass would drown the food`] : null,
  ];
  const checks = DATA.checks.map((c) => {
    const word = c.holds === true ? 'ok' : c.holds === false ? 'FAILED' : 'not done';
    return make('tr', {}, make('th', { scope: 'row' }, c.name), make('td', { class: c.holds === true ? 'ok' : c.holds === false ? 'failed' : '' }, word), make('td', {}, c.found));
  });
  const sources = dataset.sources.map((s) => make('tr', {}, make('th', { scope: 'row' }, s.table), make('td', {}, s.status), make('td', {}, s.source)));
  host.append(
    make('p', { class: 'lead' }, 'What was run, whether the tables hold what they say, and where the data come from.'),
    make('div', { class: 'panels' },
      make('div', {}, make('h3', {}, 'The run'), make('div', { class: 'scroll' }, rows(runs))),
      make('div', {}, make('h3', {}, 'Checks of the tables'),
        checks.length ? make('div', { class: 'scroll' }, make('table', { id: 'checks' }, make('tbody', {}, checks)))
          : make('p', { class: 'note' }, 'Not looked at: the page was made with --no-verify. “shocksweep verify” does it.'))),
    make('details', {}, make('summary', {}, 'Where the data come from'),
      make('p', { class: 'note' }, `Licence: ${dataset.licence}. Units: ${dataset.units}. Content hash ${dataset.content_hash}.`),
      make('div', { class: 'scroll' }, make('table', {}, make('tbody', {}, sources)))));
  byId('footer').append(
    make('p', {}, 'Models: Laber et al. 2023 (without adaptation), Baum et al. 2024 (with it). A loss is what is missing against the same year without the shock, after the last step; sums below the threshold of the loss tables are not in sums over areas.'),
    make('details', {}, make('summary', {}, 'Notices'), make('pre', {}, DATA.notices)));
}
