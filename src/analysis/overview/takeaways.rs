//! The two or three sentences that a reader should take away, computed from the data.

use super::pairs::{PairStory, Pairs};
use super::ranking::{Ranked, Survey};
use super::stories::Story;
use crate::analysis::hdi::HEADLINES;
use crate::analysis::world::World;
use crate::superposition::set::{listed, words};

/// Areas with fewer people are not named in a headline: a few tonnes decide over them.
const NOTABLE: f64 = 1e6;

/// The sentences.
pub fn takeaways(
    world: &World,
    survey: Option<&Survey>,
    stories: &[Story],
    pairs: Option<&Pairs>,
) -> Vec<String> {
    let mut sentences = Vec::new();
    if let Some(survey) = survey {
        sentences.extend(worst(world, survey));
        sentences.extend(exposed(world, survey));
        sentences.extend(development(stories));
    }
    if let Some(pairs) = pairs {
        sentences.extend(of_pairs(pairs));
    }
    sentences
}

/// A number as it is spoken.
pub fn said(value: f64) -> String {
    match value.abs() {
        v if v >= 1000.0 => {
            let sign = if value < 0.0 { "-" } else { "" };
            format!("{sign}{}", grouped(v.round() as usize))
        }
        v if v >= 100.0 => format!("{value:.0}"),
        v if v >= 10.0 => format!("{value:.1}"),
        v if v >= 0.1 => format!("{value:.2}"),
        _ => format!("{value:.3}"),
    }
}

/// What a person loses: food a day, or mass a year.
fn lost(world: &World) -> [&'static str; 2] {
    match world.knows_food() {
        true => ["kcal", " of food per person and day"],
        false => ["kg", " of food per person"],
    }
}

fn worst(world: &World, survey: &Survey) -> Option<String> {
    let [unit, whose] = lost(world);
    // What the published rules make of a run that has run away is no headline.
    let kg = |r: &Ranked, way: usize| {
        let outcome = r.ways[way].as_ref().filter(|outcome| !outcome.overshoot)?;
        Some(outcome.per_capita?.0)
    };
    let worst = |r: &Ranked| [kg(r, 0), kg(r, 1)].into_iter().flatten().fold(f64::MIN, f64::max);
    let first = survey.ranked.iter().reduce(|a, b| if worst(b) > worst(a) { b } else { a })?;
    let is_left_out = first.ways.iter().flatten().any(|outcome| outcome.overshoot);
    let tame = if is_left_out { " (runs with runaway production apart)" } else { "" };
    let kind = if survey.scenarios == 1 {
        "The scenario".to_string()
    } else {
        format!("The worst of {} scenarios for the world{tame}", grouped(survey.scenarios))
    };
    let costs = match (kg(first, 0), kg(first, 1)) {
        (Some(without), Some(with)) => {
            let change = 100.0 * (with - without) / without.abs();
            if change.abs() < 0.5 {
                return Some(format!(
                    "{kind}, {}, costs {} {unit}{whose} worldwide, whether areas adapt or not.",
                    first.name,
                    said(without)
                ));
            }
            let what = if with <= without {
                "adaptation lowers that to"
            } else {
                "adaptation raises that to"
            };
            format!(
                "costs {} {unit}{whose} worldwide if nobody adapts; {what} {} {unit} ({change:+.0} %)",
                said(without),
                said(with)
            )
        }
        (Some(without), None) => {
            format!("costs {} {unit}{whose} worldwide", said(without))
        }
        (None, Some(with)) => {
            format!("costs {} {unit}{whose} worldwide, with adaptation", said(with))
        }
        (None, None) => return None,
    };
    Some(format!("{kind}, {}, {costs}.", first.name))
}

fn exposed(world: &World, survey: &Survey) -> Option<String> {
    let is_notable = |area: usize| world.areas[area].population.is_some_and(|p| p >= NOTABLE);
    let way = |at: &super::ranking::Exposure| {
        let kg = |way: usize| {
            at.worst[way].as_ref().map_or(0.0, |w: &super::ranking::Worst| w.per_capita.0)
        };
        if kg(1) > kg(0) { 1 } else { 0 }
    };
    let [unit, whose] = lost(world);
    // Where it is known what people have, the part of it that they lose; else the amount.
    let severity = |e: &super::ranking::Exposure| {
        let lost = e.worst[way(e)].as_ref().map_or(0.0, |worst| worst.per_capita.0);
        world.supply(e.area).map_or(lost, |supply| lost / supply)
    };
    let notable = survey.exposure.iter().filter(|e| is_notable(e.area));
    let exposure =
        notable.max_by(|a, b| severity(a).total_cmp(&severity(b)).then(b.area.cmp(&a.area)))?;
    let way = way(exposure);
    let worst = exposure.worst[way].as_ref()?;
    let adapted = if way == 1 { ", adaptation included" } else { "" };
    let lost = format!("{} {unit}{whose}", said(worst.per_capita.0));
    let lost = match world.supply(exposure.area) {
        Some(_) => format!("{:.0} % of what its people eat, {lost}", 100.0 * severity(exposure)),
        None => lost,
    };
    Some(format!(
        "Of the areas with more than a million people, {} has most to fear from a shock \
         elsewhere: {} would cost it {lost}{adapted}.",
        world.areas[exposure.area].name, worst.name,
    ))
}

fn development(stories: &[Story]) -> Option<String> {
    let is_headline = |story: &&Story| {
        let [(area, item, _)] = &story.shocks[..] else { return false };
        HEADLINES.contains(&(area.as_str(), item.as_str()))
    };
    let has_both = |story: &&Story| {
        let change = |class: usize| story.classes.most_affected[class].is_some();
        change(0) && change(3)
    };
    let headline = stories.iter().filter(is_headline).find(has_both);
    let story = headline.or_else(|| stories.iter().find(has_both))?;
    let of = |class: usize| story.classes.most_affected[class].as_ref().map(|c| 100.0 * c.change.0);
    let (low, very_high) = (of(0)?, of(3)?);
    let says = |change: f64| match change {
        c if c > 0.0 => format!(
            "raises the losses of the hardest-hit areas with a low human development index by {c:.1} % on average"
        ),
        c => format!(
            "lowers the losses of the hardest-hit areas with a low human development index by {:.1} % on average",
            -c
        ),
    };
    let and = match very_high {
        c if c > 0.0 => format!("raises those of areas with a very high one by {c:.1} %"),
        c => format!("lowers those of areas with a very high one by {:.1} %", -c),
    };
    let joined = if (low > 0.0) == (very_high > 0.0) { "and" } else { "but" };
    Some(format!("When {} fails, adaptation {}, {joined} {and}.", story.name, says(low)))
}

fn of_pairs(pairs: &Pairs) -> Option<String> {
    let network = pairs.measures.last()?;
    let [above, below] = pairs.mattering.unwrap_or([network.above, network.below]);
    let share = |count: u64| 100.0 * count as f64 / network.count.max(1) as f64;
    let words = words(pairs.shocks);
    let mut text = format!(
        "Of {} {} of shocks, {:.1} % cost more together than {}, and {:.1} % less{}",
        grouped(network.count as usize),
        words.many,
        share(above),
        if pairs.shocks == 3 { words.than } else { "the sum of each alone" },
        share(below),
        if pairs.mattering.is_some() { " (by over 0.1 % of the larger loss and 1 t)" } else { "" }
    );
    let best = pairs.losses_only.first().and_then(|id| pairs.top.iter().find(|p| p.id == *id));
    let first = || pairs.top.iter().find(|p| !p.overshoot);
    let worse = |p: &&PairStory| p.s_kcal.unwrap_or(p.s).0 > 0.0;
    if let Some(worst) = best.or_else(first).filter(worse) {
        let sum = if worst.s.0 > 0.0 { worst.explained.0 } else { 0.0 };
        text += &format!("; worst together: {}", listed(&worst.shocks));
        if sum > 0.0 {
            text += &format!(", {:+.0} % beyond {}", 100.0 * worst.s.0 / sum, words.sum);
        }
    }
    Some(text + ".")
}

/// A count with thousands separators.
fn grouped(count: usize) -> String {
    let digits = count.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
