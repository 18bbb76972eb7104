//! One area: whose failure it must fear.

use crate::dataset::Dataset;
use crate::exposure::chance::{Chances, Risk};
use crate::exposure::pairs::PairLoss;
use crate::exposure::{Profile, SourceLoss, What};
use crate::measure::ALL_IS_EATEN;
use crate::report::fit::{Column, fitted};
use crate::report::{many, number, percent, whole};

/// Titles of the two ways of a run.
pub(super) const WAYS: [&str; 2] = ["not adapting", "adapting"];

/// What is told of an area.
pub struct Told<'a> {
    /// The dataset.
    pub dataset: &'a Dataset,
    /// In what losses are told.
    pub what: &'a What,
    /// The area's exposure.
    pub profile: &'a Profile,
    /// Probabilities of the failures.
    pub chances: &'a Chances,
    /// Level of the tail.
    pub level: f64,
    /// Pairs, the worst first; how they were chosen, in words.
    pub pairs: (&'a [PairLoss], &'a str),
    /// What losses of pairs come to without and with adaptation.
    pub pair_risk: [Option<Risk>; 2],
    /// Runs in which a sector has run away.
    pub runaway: [usize; 2],
    /// Whether rows are of failures abroad alone.
    pub others_only: bool,
    /// Steps of the runs.
    pub steps: usize,
}

impl Told<'_> {
    /// Name of what is about: `Area` or `Area / Item`.
    fn name(&self) -> String {
        let labels = &self.dataset.labels;
        let area = &labels.areas[self.profile.area].name;
        match self.what {
            What::Measure(_) => area.clone(),
            What::Item(item) => format!("{area} / {}", labels.items[*item].name),
        }
    }

    /// Ways that were run.
    fn ways(&self) -> Vec<usize> {
        (0..2).filter(|&way| self.profile.risk[way].is_some()).collect()
    }

    /// Everything; `top` rows of each table.
    pub fn text(&self, top: usize) -> String {
        let profile = self.profile;
        let mut text = format!(
            "{}: losses by the failure of one of {} sectors, after {}, {} (it has {})\n\n",
            self.name(),
            whole(profile.failures),
            many(self.steps, "step"),
            profile.unit,
            number(profile.supply),
        );
        text += &self.sources(top);
        text += &self.indirect();
        text += &self.suppliers(top);
        text += &self.pairs(top);
        text += &self.risk();
        text += &self.alike(top);
        text += &self.runaway();
        let tells_food = self.dataset.food_part.is_some();
        if matches!(self.what, What::Measure(_)) && profile.unit.starts_with("kcal") && !tells_food
        {
            text += &format!("{ALL_IS_EATEN}\n");
        }
        text
    }

    fn sources(&self, top: usize) -> String {
        let (labels, dims) = (&self.dataset.labels, self.dataset.dimensions());
        let shown = self.profile.sources.iter().filter(|s| !(self.others_only && s.is_own));
        let ways = self.ways();
        let rows: Vec<Vec<String>> = shown
            .take(top)
            .enumerate()
            .map(|(rank, source)| {
                let own = if source.is_own { "*" } else { "" };
                let item = dims.item_of(source.sector as usize);
                let unit = &labels.items[item].unit;
                let area = &labels.areas[dims.area_of(source.sector as usize)].name;
                let mut cells = vec![
                    format!("{}{own}", rank + 1),
                    area.clone(),
                    labels.items[item].name.clone(),
                ];
                cells.extend(ways.iter().map(|&way| source.loss[way].map_or("-".into(), number)));
                cells.push(worst_share(source).map_or("-".into(), percent));
                cells.push(match source.bought > 0.0 {
                    true => amount(source.bought, unit.name()),
                    false if source.is_own => String::new(),
                    false => "nothing".to_string(),
                });
                cells.push(match source.bought > 0.0 {
                    true => percent(source.bought_share),
                    false => String::new(),
                });
                cells
            })
            .collect();
        if rows.is_empty() {
            return "No failure costs it anything.\n".to_string();
        }
        let mut columns = vec![Column::number(""), Column::text("if this fails"), Column::text("")];
        columns.extend(ways.iter().map(|&way| Column::number(WAYS[way])));
        columns.push(Column::number("of its supply"));
        columns.push(Column::number("it buys from there").or_out(1));
        columns.push(Column::number("of what it has of that").or_out(2));
        let own = match self.others_only {
            true => "",
            false => "* its own\n",
        };
        format!("{}\n{own}", fitted(&columns, &rows))
    }

    /// How many of the failures that hurt are of nobody it buys from.
    fn indirect(&self) -> String {
        let hurts = |s: &&SourceLoss| !s.is_own && worst_share(s).is_some_and(|share| share > 0.01);
        let all = self.profile.sources.iter().filter(hurts).count();
        let indirect =
            self.profile.sources.iter().filter(hurts).filter(|s| s.bought == 0.0).count();
        match all {
            0 => "\nNo failure abroad costs it more than 1 % of its supply.\n".to_string(),
            all => format!(
                "\n{} failures abroad cost it more than 1 % of its supply, {} of them of sectors it buys \
                 nothing from.\n",
                whole(all),
                whole(indirect)
            ),
        }
    }

    fn suppliers(&self, top: usize) -> String {
        if self.profile.suppliers.is_empty() {
            return String::new();
        }
        let labels = &self.dataset.labels;
        let all = &self.profile.suppliers;
        let imports: f64 = all.iter().map(|s| s.amount).sum();
        let squares: f64 = all.iter().map(|s| (s.amount / imports) * (s.amount / imports)).sum();
        let rows: Vec<Vec<String>> = all
            .iter()
            .take(top)
            .map(|s| vec![labels.areas[s.area].name.clone(), number(s.amount), percent(s.share)])
            .collect();
        let columns = [
            Column::text("it buys from"),
            Column::number(&self.profile.unit),
            Column::number("of its supply"),
        ];
        format!(
            "\n{}\n{} suppliers, {} {} together; concentration (HHI of their shares in imports): {:.3}\n",
            fitted(&columns, &rows),
            whole(all.len()),
            number(imports),
            self.profile.unit,
            squares
        )
    }

    fn pairs(&self, top: usize) -> String {
        let (pairs, how) = self.pairs;
        if pairs.is_empty() {
            return String::new();
        }
        let labels = &self.dataset.labels;
        let scale = self.what.scale(self.dataset, self.profile.area);
        let ways = self.ways();
        let main = ways.last().copied().unwrap_or(0);
        let cell = |value: Option<f64>| value.map_or("-".to_string(), |v| number(v * scale));
        let rows: Vec<Vec<String>> = pairs
            .iter()
            .take(top)
            .map(|pair| {
                let name = |n: usize| labels.sector_name(pair.sectors[n] as usize);
                let mut cells = vec![name(0), name(1)];
                cells.extend(ways.iter().map(|&way| cell(pair.joint[way])));
                let worst = pair.worst() * scale / self.profile.supply;
                cells.push(if worst.is_finite() { percent(worst) } else { "-".into() });
                cells.push(cell(pair.beyond(main)));
                cells
            })
            .collect();
        let mut columns = vec![Column::text("if both fail"), Column::text("")];
        columns.extend(ways.iter().map(|&way| Column::number(WAYS[way])));
        columns.push(Column::number("of its supply"));
        columns.push(Column::number("beyond each alone").or_out(1));
        format!("\nWorst of {} pairs {how}\n{}\n", whole(pairs.len()), fitted(&columns, &rows))
    }

    fn risk(&self) -> String {
        let profile = self.profile;
        let ways = self.ways();
        let mut rows: Vec<Vec<String>> = Vec::new();
        let mut row = |title: String, of: &dyn Fn(usize) -> Option<f64>| {
            let cells = ways.iter().map(|&way| of(way).map_or("-".into(), number));
            rows.push(std::iter::once(title).chain(cells).collect());
        };
        let tail = format!("{:.0} %", 100.0 * self.level);
        let risk = |way: usize| profile.risk[way];
        row("expected loss".into(), &|way| Some(risk(way)?.expected));
        row("of failures abroad alone".into(), &|way| Some(profile.risk_abroad[way]?.expected));
        row(format!("value at risk, {tail}"), &|way| Some(risk(way)?.value_at_risk));
        row(format!("expected shortfall, {tail}"), &|way| Some(risk(way)?.expected_shortfall));
        if self.pair_risk.iter().any(Option::is_some) {
            let pair = |way: usize| self.pair_risk[way];
            row("expected loss by a pair".into(), &|way| Some(pair(way)?.expected));
            row(format!("pairs: value at risk, {tail}"), &|way| Some(pair(way)?.value_at_risk));
            row(format!("pairs: expected shortfall, {tail}"), &|way| {
                Some(pair(way)?.expected_shortfall)
            });
        }
        let mut columns = vec![Column::label("risk")];
        columns.extend(ways.iter().map(|&way| Column::number(WAYS[way])));
        let how = match self.chances.is_uniform {
            true => "one failure happens, all equally probable".to_string(),
            false => format!(
                "one failure happens, or none ({}), as the table says",
                percent(self.chances.none)
            ),
        };
        let pairs = match self.pair_risk.iter().any(Option::is_some) {
            true => "; of the pairs above one happens",
            false => "",
        };
        let concentration = |which: usize| {
            profile.concentration[which].map_or("-".to_string(), |hhi| format!("{hhi:.3}"))
        };
        format!(
            "\n{}\nChances: {how}{pairs}. Concentration of the expected loss (HHI of the failures' \
             shares in it): {}; of failures abroad: {}\n",
            fitted(&columns, &rows),
            concentration(0),
            concentration(1),
        )
    }

    fn alike(&self, top: usize) -> String {
        let labels = &self.dataset.labels;
        let alike: Vec<String> = self
            .profile
            .alike
            .iter()
            .take(top.min(5))
            .map(|&(area, shared)| format!("{} ({})", labels.areas[area].name, percent(shared)))
            .collect();
        match alike.is_empty() {
            true => String::new(),
            false => format!(
                "Its risk is shared by (part of the expected loss that has the same sources): {}\n",
                alike.join(", ")
            ),
        }
    }

    fn runaway(&self) -> String {
        let of = |way: &usize| {
            let many = self.runaway[*way];
            (many > 0).then(|| format!("{} runs {}", whole(many), WAYS[*way]))
        };
        let runs: Vec<String> = (0..2).filter_map(|way| of(&way)).collect();
        match runs.is_empty() {
            true => String::new(),
            false => format!(
                "In {} sectors have run away (production feeding itself); they are left out.\n",
                runs.join(" and ")
            ),
        }
    }
}

/// Title of a way of a run.
pub fn way(way: usize) -> &'static str {
    WAYS[way.min(1)]
}

/// The worse of the two ways, as a share of the supply.
fn worst_share(source: &SourceLoss) -> Option<f64> {
    source.share.iter().flatten().copied().reduce(f64::max)
}

/// An amount with its unit.
fn amount(value: f64, unit: &str) -> String {
    match unit {
        "tonne" => format!("{} t", number(value)),
        "head" => format!("{} heads", number(value)),
        // A unit that is a number itself.
        unit if unit.starts_with(|c: char| c.is_ascii_digit()) => {
            format!("{} x {unit}", number(value))
        }
        unit => format!("{} {unit}", number(value)),
    }
}
