//! What `shocksweep shock` prints of one scenario, without and with adaptation side by side.

use super::fit::{Column, fitted};
use super::{many, number, percent, whole};
use crate::dataset::Dataset;
use crate::engine::{EventKind, Outcome};
use crate::measure::{ALL_IS_EATEN, Measure, MeasureKind, more_than_eaten};
use crate::model::adaptation::MissingRule;
use crate::model::losses::{reported_relative_loss, runs_away};

/// One scenario's outcome in the ways it was run.
#[derive(Debug, Clone, Copy)]
pub struct Runs<'a> {
    /// Without adaptation.
    pub without: Option<&'a Outcome>,
    /// With adaptation.
    pub with: Option<&'a Outcome>,
}

/// A scenario, and what is needed to tell it.
pub struct Told<'a> {
    /// The dataset.
    pub dataset: &'a Dataset,
    /// What is shocked.
    pub name: &'a str,
    /// Available amounts without the shock after the last step, by sector.
    pub baseline: &'a [f64],
    /// Steps.
    pub steps: usize,
    /// The outcomes.
    pub runs: Runs<'a>,
    /// In what losses of several items are told.
    pub measure: &'a Measure,
    /// What an entry without a rule became.
    pub missing: MissingRule,
    /// Multiple of the baseline above which a sector has run away.
    pub overshoot: f64,
    /// Sectors that fail.
    pub shocked: &'a [u32],
}

/// Losses of one run, by sector; sectors that have run away have none.
struct Losses {
    /// In the unit of the item.
    amount: Vec<f64>,
    /// In the measure.
    value: Vec<f64>,
    /// Sectors that have run away, with the multiple of the baseline at which they end; the farthest
    /// first.
    runaway: Vec<(usize, f64)>,
}

impl Told<'_> {
    fn losses(&self, outcome: &Outcome) -> Losses {
        let sectors = self.baseline.len();
        let (mut amount, mut value) = (vec![0.0; sectors], vec![0.0; sectors]);
        let mut runaway = Vec::new();
        let adapting = outcome.events.iter().filter(|e| e.kind == EventKind::Adapting);
        // Adaptation is in force from the step after it on.
        let adapting = adapting.filter(|e| e.step + 1 < self.steps);
        let hits = adapting.map(|event| event.hit);
        let shares = self.measure.adapted_shares(hits, self.missing, self.dataset);
        for (&sector, &loss) in outcome.sectors.iter().zip(&outcome.losses) {
            let (s, baseline) = (sector as usize, self.baseline[sector as usize]);
            if runs_away(loss, baseline, self.overshoot) {
                runaway.push((s, (baseline - loss) / baseline));
                continue;
            }
            amount[s] = loss;
            value[s] = self.measure.loss(s, baseline, loss, shares.get(&sector).copied());
        }
        runaway.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        Losses { amount, value, runaway }
    }

    /// Whether nobody loses anything in the measure: what fails is no food and becomes none.
    pub fn is_without_value(&self) -> bool {
        let is_without = |outcome: &Outcome| {
            let counts =
                |s: &u32| self.measure.counts(*s as usize % self.dataset.labels.items.len());
            let losses = outcome.sectors.iter().zip(&outcome.losses);
            let value = losses.filter(|(s, _)| counts(s)).map(|(&s, &loss)| {
                self.measure.loss(s as usize, self.baseline[s as usize], loss, None)
            });
            !value.into_iter().any(|value| value > 0.0)
        };
        [self.runs.without, self.runs.with].into_iter().flatten().all(is_without)
    }

    /// Everything a person is told; `count` areas and `count` sectors.
    pub fn text(&self, count: usize) -> String {
        let of = |outcome: Option<&Outcome>| outcome.map(|outcome| self.losses(outcome));
        let runs = [of(self.runs.without), of(self.runs.with)];
        let mut text = format!("{}, after {}\n\n", self.name, many(self.steps, "step"));
        text += &self.summary(&runs);
        text += &self.runaway(&runs);
        text += &self.areas(&runs, count);
        text += &self.sectors(&runs, count);
        text + &super::reserves::released(self.dataset, [self.runs.without, self.runs.with])
    }

    /// One row per fact, one column per run.
    fn summary(&self, runs: &[Option<Losses>; 2]) -> String {
        let labels = &self.dataset.labels;
        let dims = labels.dimensions();
        let populated = |s: usize| labels.areas[dims.area_of(s)].population.is_some();
        let population: f64 = labels.areas.iter().filter_map(|a| a.population).sum();
        let mut rows: Vec<Vec<String>> = Vec::new();
        let mut row = |title: String, cell: &dyn Fn(&Losses, &Outcome) -> String| {
            let outcomes = [self.runs.without, self.runs.with];
            let cells = runs
                .iter()
                .zip(outcomes)
                .filter_map(|(losses, outcome)| Some(cell(losses.as_ref()?, outcome?)));
            rows.push(std::iter::once(title).chain(cells).collect());
        };
        if population > 0.0 {
            let sectors = || (0..dims.sectors()).filter(|&s| populated(s));
            let before: f64 = sectors().map(|s| self.measure.baseline(s, self.baseline[s])).sum();
            let unit = self.measure.unit_per_person();
            row(format!("the world loses, {unit}"), &|losses, _| {
                let lost: f64 = sectors().map(|s| losses.value[s]).sum();
                number(self.measure.per_person(lost, population))
            });
            row("of what it had".to_string(), &|losses, _| {
                let lost: f64 = sectors().map(|s| losses.value[s]).sum();
                percent(if before > 0.0 { lost / before } else { 0.0 })
            });
        }
        if self.measure.kind != MeasureKind::Mass {
            row("all items counted in tonnes, t".to_string(), &|losses, _| {
                let mass = |s: &usize| labels.items[dims.item_of(*s)].is_mass();
                number((0..dims.sectors()).filter(mass).map(|s| losses.amount[s]).sum())
            });
        }
        for (at, mark) in ["1 %", "10 %", "26 %"].into_iter().enumerate() {
            row(format!("sectors that lose more than {mark}"), &|_, outcome| {
                whole(outcome.totals.above_marks[at] as usize)
            });
        }
        if let Some(with) = self.runs.with {
            let count = |outcome: &Outcome, kind: EventKind| {
                let all = outcome.events.iter().filter(|e| e.kind == kind).count();
                if std::ptr::eq(outcome, with) { whole(all) } else { "-".to_string() }
            };
            row("sectors that adapt".to_string(), &|_, o| count(o, EventKind::Adapting));
            row("sectors that substitute".to_string(), &|_, o| count(o, EventKind::Substituting));
        }
        let mut columns = vec![Column::label("")];
        columns.extend(self.ways().map(Column::number));
        format!("{}\n", fitted(&columns, &rows))
    }

    /// Titles of the runs.
    fn ways(&self) -> impl Iterator<Item = &'static str> + use<> {
        let ways =
            [(self.runs.without.is_some(), "not adapting"), (self.runs.with.is_some(), "adapting")];
        ways.into_iter().filter(|(is_run, _)| *is_run).map(|(_, way)| way)
    }

    /// What has been left out, and why.
    fn runaway(&self, runs: &[Option<Losses>; 2]) -> String {
        let mut text = String::new();
        for (losses, way) in runs.iter().flatten().zip(self.ways()) {
            let Some(&(sector, multiple)) = losses.runaway.first() else { continue };
            let many = losses.runaway.len();
            text += &format!(
                "\nRunaway ({way}): {} {} above {} times the baseline, {} at {} times. That is \
                 production feeding itself, no finding: left out of what is shown here. \
                 `output_cap` limits it.\n",
                whole(many),
                if many == 1 { "sector ends" } else { "sectors end" },
                self.overshoot,
                self.dataset.labels.sector_name(sector),
                number(multiple),
            );
        }
        text
    }

    /// The areas whose people lose most.
    fn areas(&self, runs: &[Option<Losses>; 2], count: usize) -> String {
        let (labels, dims) = (&self.dataset.labels, self.dataset.dimensions());
        let sum = |values: &[f64], area: usize| -> f64 {
            values[area * dims.items..(area + 1) * dims.items].iter().sum()
        };
        let (not_eaten, names) = self.not_eaten();
        let mut found: Vec<(f64, usize, Vec<f64>)> = Vec::new();
        for (area, population) in
            labels.areas.iter().enumerate().filter_map(|(n, a)| Some((n, a.population?)))
        {
            let losses = runs
                .iter()
                .flatten()
                .map(|run| self.measure.per_person(sum(&run.value, area), population));
            let losses: Vec<f64> = losses.collect();
            let worst = losses.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            if worst > SHOWN_FROM && !not_eaten[area] {
                found.push((worst, area, losses));
            }
        }
        if found.is_empty() {
            return String::new();
        }
        found.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        let many = found.len();
        let rows: Vec<Vec<String>> = found
            .into_iter()
            .take(count)
            .enumerate()
            .map(|(rank, (_, area, losses))| {
                let items = area * dims.items..(area + 1) * dims.items;
                let before: f64 = items.map(|s| self.measure.baseline(s, self.baseline[s])).sum();
                let population = labels.areas[area].population.unwrap_or(f64::NAN);
                let before = self.measure.per_person(before, population);
                let last = losses.last().copied().unwrap_or_default();
                let mut cells = vec![(rank + 1).to_string(), labels.areas[area].name.clone()];
                cells.extend(losses.iter().map(|&loss| number(loss)));
                cells.push(if before > 0.0 { percent(last / before) } else { "-".to_string() });
                cells.push(number(before));
                cells
            })
            .collect();
        let unit = self.measure.unit_per_person();
        let mut columns = vec![Column::number(""), Column::text("area")];
        columns.extend(self.ways().map(Column::number));
        columns.push(Column::number("of its supply").or_out(1));
        columns.push(Column::number("supply").or_out(2));
        let which =
            if many > count { format!("The {count} areas") } else { "The areas".to_string() };
        format!("\n{which} whose people lose most, {unit}\n{}\n{names}", fitted(&columns, &rows))
    }

    /// Areas whose supply of food is more than people eat, and a sentence that says so.
    fn not_eaten(&self) -> (Vec<bool>, String) {
        let (labels, dims) = (&self.dataset.labels, self.dataset.dimensions());
        if !matches!(
            self.measure.kind,
            MeasureKind::Kcal | MeasureKind::Protein | MeasureKind::Supply
        ) {
            return (vec![false; dims.areas], String::new());
        }
        let supply: Vec<f64> = (0..dims.areas)
            .map(|area| {
                let items = area * dims.items..(area + 1) * dims.items;
                items.map(|s| self.measure.baseline(s, self.baseline[s])).sum()
            })
            .collect();
        let people = |area: usize| labels.areas[area].population;
        let mut more = vec![false; dims.areas];
        let mut named: Vec<(f64, &str)> = Vec::new();
        for area in more_than_eaten(&supply, people) {
            more[area] = true;
            let told = people(area).map(|persons| self.measure.per_person(supply[area], persons));
            named.extend(told.map(|told| (told, labels.areas[area].name.as_str())));
        }
        named.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(b.1)));
        let text = super::not_eaten(&named);
        (more, text)
    }

    /// The sectors that lose most of the measure; in it where it adds items, in their own unit.
    fn sectors(&self, runs: &[Option<Losses>; 2], count: usize) -> String {
        let (labels, dims) = (&self.dataset.labels, self.dataset.dimensions());
        let worst = |values: fn(&Losses) -> &Vec<f64>, s: usize| {
            runs.iter().flatten().map(|run| values(run)[s]).fold(0.0, f64::max)
        };
        let mut order: Vec<usize> =
            (0..dims.sectors()).filter(|&s| worst(|run| &run.value, s) > 0.0).collect();
        let by = |s: usize| worst(|run| &run.value, s);
        order.sort_by(|&a, &b| by(b).total_cmp(&by(a)).then(a.cmp(&b)));
        if order.is_empty() {
            return String::new();
        }
        let many = order.len();
        let rows: Vec<Vec<String>> = order
            .into_iter()
            .take(count)
            .enumerate()
            .map(|(rank, s)| {
                let (area, item) = (&labels.areas[dims.area_of(s)], &labels.items[dims.item_of(s)]);
                let mark = if self.shocked.contains(&(s as u32)) { " *" } else { "" };
                let mut cells =
                    vec![(rank + 1).to_string(), area.name.clone(), format!("{}{mark}", item.name)];
                cells.extend(runs.iter().flatten().map(|run| number(run.amount[s])));
                cells.push(item.unit.sign().to_string());
                let last = runs.iter().flatten().last().map_or(0.0, |run| run.amount[s]);
                cells.push(percent(reported_relative_loss(last, self.baseline[s])));
                cells.push(number(self.baseline[s]));
                cells
            })
            .collect();
        let mut columns = vec![Column::number(""), Column::text("area"), Column::text("item")];
        columns.extend(self.ways().map(Column::number));
        columns.push(Column::text("unit").or_out(1));
        columns.push(Column::number("of what it had").or_out(2));
        columns.push(Column::number("baseline").or_out(3));
        let which =
            if many > count { format!("The {count} sectors") } else { "The sectors".to_string() };
        let what = match self.measure.kind {
            MeasureKind::Mass => "lose most mass",
            MeasureKind::Own => "lose most",
            MeasureKind::Protein => "lose most protein that is eaten",
            MeasureKind::Kcal | MeasureKind::Supply => "lose most food that is eaten",
        };
        let note = match runs.iter().flatten().count() {
            2 => {
                "* shocked. A negative loss is a gain; parts of the supply are those with adaptation.\n"
            }
            _ => "* shocked. A negative loss is a gain.\n",
        };
        let eaten = match (&self.dataset.food_part, self.measure.kind) {
            (None, MeasureKind::Kcal | MeasureKind::Protein | MeasureKind::Supply) => {
                format!("{ALL_IS_EATEN}\n")
            }
            _ => String::new(),
        };
        format!(
            "\n{which} that {what}; losses in the unit of the item\n{}\n{note}{eaten}",
            fitted(&columns, &rows)
        )
    }
}

/// Smallest loss per person of an area that is shown: rounding is no loss.
const SHOWN_FROM: f64 = 1e-6;
