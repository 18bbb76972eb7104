//! Why something is lost, as people read it.

use crate::dataset::Dataset;
use crate::exposure::What;
use crate::exposure::suppliers::bought;
use crate::exposure::why::steps::By;
use crate::exposure::why::{Source, Why};
use crate::report::fit::{Column, fitted};
use crate::report::{number, percent};

/// A run that is told beside others.
pub struct Way<'a> {
    /// Title of its column.
    pub title: String,
    /// The world it ran in.
    pub dataset: &'a Dataset,
    /// Its losses.
    pub why: Why,
}

/// What is told.
pub struct Told<'a> {
    /// What is asked about: area, and in what its losses are told.
    pub area: usize,
    /// In what losses are told.
    pub what: &'a What,
    /// What fails, in words.
    pub failing: String,
    /// Sectors that fail.
    pub shocked: Vec<u32>,
    /// The runs; the last of the world as it is told link by link.
    pub ways: Vec<Way<'a>>,
    /// Which of them that is.
    pub main: usize,
    /// What the area has, by way.
    pub supply: Vec<f64>,
}

impl Told<'_> {
    /// Everything; `top` rows of each table.
    pub fn text(&self, top: usize) -> String {
        let way = &self.ways[self.main];
        let unit = self.what.unit(way.dataset, self.area);
        let loss = way.why.losses.last().copied().unwrap_or(0.0);
        let supply = self.supply[self.main];
        let share = if supply > 0.0 {
            format!(", {} of it", percent(loss / supply))
        } else {
            String::new()
        };
        let mut text = format!(
            "{}: loses {} {unit} of {}{share} ({}) if {}\n\n",
            self.name(way.dataset),
            number(loss),
            number(supply),
            way.title,
            self.failing
        );
        text += &self.run_away(way);
        text += &self.by_step(&unit);
        text += &self.direct(way, loss, &unit);
        text += &self.last_step(way, top, &unit);
        text += &self.origins(way, loss, top);
        text += &self.routes(way, loss, top);
        text
    }

    /// What has run away, if anything: neither it nor what comes from it is a finding.
    fn run_away(&self, way: &Way<'_>) -> String {
        let (labels, away) = (&way.dataset.labels, &way.why.runaway);
        let Some(&first) = away.first() else { return String::new() };
        let asked = match self.what {
            What::Item(item) => Some(way.dataset.dimensions().sector(self.area, *item) as u32),
            What::Measure(_) => None,
        };
        if asked.is_some_and(|sector| away.contains(&sector)) {
            return "It has run away: output that feeds itself without end. What it gains is no finding.\n\n"
                .to_string();
        }
        let first = labels.sector_name(first as usize);
        let who = match away.len() {
            1 => format!("{first} has"),
            many => format!("{many} sectors, {first} first, have"),
        };
        format!(
            "{who} run away in this run (output that feeds itself without end): that counts nothing here, \
             and what comes from there is no finding.\n\n"
        )
    }

    fn name(&self, dataset: &Dataset) -> String {
        let area = &dataset.labels.areas[self.area].name;
        match self.what {
            What::Measure(_) => area.clone(),
            What::Item(item) => format!("{area} / {}", dataset.labels.items[*item].name),
        }
    }

    /// Losses after every step, side by side, and their sums.
    fn by_step(&self, unit: &str) -> String {
        let steps = self.ways.first().map_or(0, |way| way.why.losses.len());
        let cell = |loss: f64, supply: f64| match supply > 0.0 {
            true => format!("{} ({})", number(loss), percent(loss / supply)),
            false => number(loss),
        };
        let mut rows: Vec<Vec<String>> = Vec::new();
        for t in 0..steps {
            let cells = self.ways.iter().zip(&self.supply);
            let cells = cells.map(|(way, &supply)| cell(way.why.losses[t], supply));
            rows.push(std::iter::once(t.to_string()).chain(cells).collect());
        }
        let sums = self.ways.iter().map(|way| number(way.why.losses.iter().sum()));
        rows.push(std::iter::once("all".to_string()).chain(sums).collect());
        let mut columns = vec![Column::number("step")];
        columns.extend(self.ways.iter().map(|way| Column::number(&way.title)));
        format!("{unit}, after each step (share of its supply)\n{}\n", fitted(&columns, &rows))
    }

    /// What it buys from those that fail, beside what it loses and by what.
    fn direct(&self, way: &Way<'_>, loss: f64, unit: &str) -> String {
        let What::Item(item) = self.what else { return String::new() };
        let dims = way.dataset.dimensions();
        let is_failing = |s: u32| self.shocked.contains(&s);
        let abroad = self.shocked.iter().map(|&s| s as usize);
        let abroad = abroad.filter(|&s| dims.item_of(s) == *item && dims.area_of(s) != self.area);
        let direct: f64 =
            abroad.map(|s| bought(way.dataset, self.area, *item, dims.area_of(s))).sum();
        if direct <= 0.0 || loss <= 0.0 {
            return String::new();
        }
        let last = way.why.losses.len().saturating_sub(1);
        let of = |counts: &dyn Fn(By) -> bool| -> f64 {
            let rows = way.why.steps.iter().filter(|row| row.step == last && counts(row.by));
            rows.map(|row| row.loss).sum()
        };
        let parts = [
            (
                of(&|by| matches!(by, By::Trade { from } if is_failing(from))),
                "no longer comes from them",
            ),
            (
                of(&|by| matches!(by, By::Trade { from } if !is_failing(from))),
                "less comes from others, who lose, or sell elsewhere",
            ),
            (
                of(&|by| matches!(by, By::Production { .. } | By::WithoutInput)),
                "it makes less itself, for want of what it makes it from",
            ),
            (of(&|by| matches!(by, By::Own(Source::Reserve))), "is what a reserve takes"),
            (of(&|by| matches!(by, By::Own(Source::Shock))), "is its own failure"),
        ];
        let told: Vec<String> = parts
            .into_iter()
            .filter(|(part, _)| part.abs() > 1e-3 * loss)
            .map(|(part, what)| format!("{} {what}", number(part)))
            .collect();
        format!(
            "\nIt buys {} {unit} a year from those that fail, and loses {} in the last step ({}): {}.\n",
            number(direct),
            number(loss),
            way.title,
            told.join("; ")
        )
    }

    fn last_step(&self, way: &Way<'_>, top: usize, unit: &str) -> String {
        let labels = &way.dataset.labels;
        let dims = way.dataset.dimensions();
        let last = way.why.losses.len().saturating_sub(1);
        let mut rows: Vec<&crate::exposure::why::LastStep> =
            way.why.steps.iter().filter(|row| row.step == last).collect();
        rows.sort_by(|a, b| b.loss.abs().total_cmp(&a.loss.abs()));
        let all: f64 = rows.iter().map(|row| row.loss).sum::<f64>() + way.why.constant;
        let name = |by: By, sector: u32| match by {
            By::Trade { from } => format!("trade from {}", labels.sector_name(from as usize)),
            By::Production { from, process } => format!(
                "{} from {}",
                labels.processes[dims.process_of(process as usize)].name,
                labels.items[dims.item_of(from as usize)].name
            ),
            By::WithoutInput => "its own output".to_string(),
            By::Own(Source::Shock) => format!("failure of {}", labels.sector_name(sector as usize)),
            By::Own(source) => source.name().to_string(),
        };
        let many = rows.len();
        let rest: f64 = rows.iter().skip(top).map(|row| row.loss).sum();
        let is_of_many = matches!(self.what, What::Measure(_));
        let mut cells: Vec<Vec<String>> = rows
            .iter()
            .take(top)
            .map(|row| {
                let mut cells = vec![name(row.by, row.sector)];
                if is_of_many {
                    cells.push(labels.items[dims.item_of(row.sector as usize)].name.clone());
                }
                cells.extend([number(row.before), number(row.now), number(row.loss)]);
                cells.push(if all != 0.0 { percent(row.loss / all) } else { "-".into() });
                cells
            })
            .collect();
        let mut more = |title: String, loss: f64| {
            let blank = if is_of_many { 3 } else { 2 };
            let mut row = vec![title];
            row.extend(vec![String::new(); blank]);
            row.push(number(loss));
            row.push(if all != 0.0 { percent(loss / all) } else { "-".into() });
            cells.push(row);
        };
        if many > top {
            more(format!("{} others", many - top), rest);
        }
        if way.why.constant != 0.0 {
            more("another share of it is eaten".to_string(), way.why.constant);
        }
        more("together".to_string(), all);
        let mut columns = vec![Column::label("what no longer comes")];
        if is_of_many {
            columns.push(Column::text("item"));
        }
        columns.extend([
            Column::number("came").or_out(1),
            Column::number("comes").or_out(1),
            Column::number("loss"),
            Column::number("of the loss"),
        ]);
        format!("\nIn the last step ({}), {unit}\n{}\n", way.title, fitted(&columns, &cells))
    }

    fn origins(&self, way: &Way<'_>, loss: f64, top: usize) -> String {
        let labels = &way.dataset.labels;
        let of_sector = |sector: u32| labels.sector_name(sector as usize);
        let mut rows: Vec<Vec<String>> = way
            .why
            .origins
            .iter()
            .take(top)
            .map(|o| {
                let what = match o.source {
                    Source::Shock => format!("failure of {}", of_sector(o.sector)),
                    Source::Adaptation => {
                        format!("{} buys, makes, sells otherwise", of_sector(o.sector))
                    }
                    Source::Ban => format!("bans around {}", of_sector(o.sector)),
                    Source::Cap => format!("cap of {}", of_sector(o.sector)),
                    Source::Reserve => format!("reserve of {}", of_sector(o.sector)),
                };
                vec![what, number(o.loss), share(o.loss, loss)]
            })
            .collect();
        let shown: f64 = way.why.origins.iter().take(top).map(|o| o.loss).sum();
        if way.why.origins.len() > top {
            let all: f64 = way.why.origins.iter().map(|o| o.loss).sum();
            let title = format!("{} others", way.why.origins.len() - top);
            rows.push(vec![title, number(all - shown), share(all - shown, loss)]);
        }
        let columns = [
            Column::label("where it arises"),
            Column::number("loss"),
            Column::number("of the loss"),
        ];
        format!("\nOver all ways and steps\n{}\n", fitted(&columns, &rows))
    }

    fn routes(&self, way: &Way<'_>, loss: f64, top: usize) -> String {
        let labels = &way.dataset.labels;
        let dims = way.dataset.dimensions();
        let routes = &way.why.routes;
        // An item is named once for as long as it stays the same.
        let told = |sectors: &[u32]| {
            let mut text = String::new();
            let mut before: Option<(usize, usize)> = None;
            for &s in sectors {
                let (area, item) = (dims.area_of(s as usize), dims.item_of(s as usize));
                if before.is_some() {
                    text += " -> ";
                }
                text += &match before {
                    Some((_, same)) if same == item => labels.areas[area].name.clone(),
                    Some((same, _)) if same == area => labels.items[item].name.clone(),
                    _ => labels.sector_name(s as usize),
                };
                before = Some((area, item));
            }
            text
        };
        let mut rows: Vec<Vec<String>> = routes
            .largest
            .iter()
            .take(top)
            .map(|route| {
                let mark = match route.source {
                    Source::Shock => String::new(),
                    source => format!(" ({})", source.name()),
                };
                vec![number(route.loss), share(route.loss, loss), told(&route.sectors) + &mark]
            })
            .collect();
        let rest: f64 =
            routes.largest.iter().skip(top).map(|route| route.loss).sum::<f64>() + routes.others;
        rows.push(vec![number(rest), share(rest, loss), "all other ways".to_string()]);
        let columns = [Column::number("loss"), Column::number("of it"), Column::label("way")];
        format!("\nThe largest ways\n{}\n", fitted(&columns, &rows))
    }
}

fn share(part: f64, all: f64) -> String {
    if all != 0.0 { percent(part / all) } else { "-".to_string() }
}
