//! `shocksweep help glossary`: every word and symbol that a table shows.

use clap::Args;

use super::{CliError, ink};
use crate::dataset::names::{nearest, suggestion};
use crate::report::columns;

/// The glossary, a line of at most 78 characters each.
pub const GLOSSARY: &str = "\
Words
  area           a country or territory
  item           a product; its unit is the tonne, or the head for live animals
  sector         an area's item, such as India / Rice and products
  producer       a sector with an output of its own: only producers can fail
  shock          what fails: a sector, and how much of its output
  scenario       shocks that happen together; `no_op` if none of them is
                 produced, so that nothing is lost
  diverged       a scenario in which an amount passes 1e150 t: what it loses is
                 not known, and the step is named
  baseline       the run without a shock at the same step; not the observed data
  step           one model year, from 0; ten of them unless said otherwise
  adapting       a sector that lost >= 26 % and 1,000 t after step 1 changes
                 its shares, inputs and trade by rules learned from the past
  substituting   a sector still that badly hit after step 2 imports other items
                 instead
  runaway        a sector that ends above `overshoot` (2) times its baseline:
                 adaptation has made production feed itself. That is the
                 published model, no finding: left out of rankings, means and
                 sentences, counted, and kept in the tables with its flag
  supply         what the people of an area eat in the baseline
  pair           two shocks that happen together
  exposure       what an area loses by the failure of each sector, one at a time
  expected loss  mean over the failures, each with its probability
  value at risk  loss that is not exceeded with the probability of the level
  expected shortfall
                 mean loss of the worst 1 - level of all cases
  reserve        a stock that covers losses, or is released, until it is empty
  screening      all pairs of a set, of which the most super-additive are kept
  HDI class      low < 0.55, medium < 0.70, high < 0.80, very high >= 0.80

Symbols of the tables
  phi            share of the output that is lost, 0 to 1
  baseline, xb   available amount without the shock, in the item's unit
  available, x   available amount with it
  al             absolute loss: baseline - available; a gain is negative
  rl             relative loss: al / baseline, not below -1
  al_per_capita  1000 al / population, kg per person; null for what has no mass
  S              superposition: the loss of both shocks together less the sum of
                 the two single losses. S > 0: together they are worse
                 (super-additive); S < 0: sub-additive; 0: no interaction
  overshoot      whether a sector of the scenario has run away
  no_share_rule  adapting sectors that kept their shares: no rule left them any
  min_loss       smallest loss or gain that has a row, in the item's unit

Symbols of the model
  eta_prod       share of the available amount set aside for production
  eta_exp        share set aside for export
  eta_cons       the rest: food and all other uses
  food_part      part of eta_cons that is eaten, where the dataset knows it
  alpha          output per unit of input of a process
  beta           output of a process without input
  nu             share of the production amount given to a process
  T              share of an area's exports that goes to another

In what losses are told (--measure)
  mass           tonnes; kg per person. Items in heads do not count
  kcal           food energy where it is eaten, per person and day: sugar cane,
                 its sugar and the ethanol made of it are counted once
  protein        protein of food where it is eaten, where the dataset knows it
  supply         as kcal, as a part of the supply
  a table        item, weight, unit: a weight of your own, where it is consumed

Columns of every table: shocksweep glossary tables, or glossary NAME

Tables of a dataset
  original       as the source gives it
  reconstructed  rebuilt from other sources: plausible, not citable
  synthetic      invented";

/// Arguments of `shocksweep glossary`.
#[derive(Debug, Args)]
#[command(help_template = GLOSSARY)]
pub struct GlossaryArgs {
    /// A table, whose columns are explained; `tables` for all of them, in Markdown.
    pub table: Option<String>,
}

/// Prints the glossary, or the columns of tables.
///
/// # Errors
/// There is no such table, or the terminal is gone.
pub fn execute(args: &GlossaryArgs) -> Result<(), CliError> {
    let text = match args.table.as_deref() {
        None => format!("{GLOSSARY}\n"),
        Some("tables") => columns::page(),
        Some(name) => columns::table(name).map_err(|known| CliError::NoTable {
            name: name.to_string(),
            hint: suggestion(&nearest(name, known.iter().map(String::as_str))),
            known: known.join(", "),
        })?,
    };
    Ok(ink::print(&text)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_fit_a_terminal() {
        for line in GLOSSARY.lines() {
            assert!(line.chars().count() <= 80, "{line}");
        }
        for word in ["sector", "phi", "al ", "rl ", "S ", "overshoot", "runaway"] {
            let starts = GLOSSARY.lines().any(|line| line.trim_start().starts_with(word));
            assert!(starts, "{word}");
        }
    }
}
