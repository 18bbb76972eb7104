//! From a panel to all its tables: the order in which the parts are called.
//!
//! What a failure does to others is asked of whoever has an engine: [`Study::year`] is given a
//! function that runs failures.

use std::path::Path;
use std::sync::Arc;

use shocksweep_columnar::{record, write};

use crate::balance::Balance;
use crate::clusters::{Clustering, clusters};
use crate::error::TradeError;
use crate::indicators::{Indicator, YearIndicators, indicators};
use crate::links::{self, Chosen, LinkTest};
use crate::lists::{Candidate, Stability};
use crate::panel::store;
use crate::panel::{Count, Panel, QuantityFill};
use crate::parameters::{self, Link, ParameterRow, Parameters, parameters};
use crate::production::Production;
use crate::profiles::{Profile, TierTest, profiles, tier_tests};
use crate::regressions::{Regression, regressions};
use crate::risk::{Risk, Weights};
use crate::world::{World, world};

/// What is asked of a panel.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Settings {
    /// Which candidates are links.
    pub links: Chosen,
    /// rho: share of what passes through that is re-exported.
    pub reexport_share: f64,
    /// Years over which regressions look ahead.
    pub horizon: usize,
    /// How failing producers are weighted.
    pub weights: Weights,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            links: Chosen::Tested,
            reexport_share: 0.0,
            horizon: HORIZON,
            weights: Weights::Market,
        }
    }
}

/// Years over which regressions look ahead unless told otherwise.
pub const HORIZON: usize = 5;

/// A panel with its links.
pub struct Study<'a> {
    /// The panel.
    pub panel: &'a Panel,
    /// Tests of all candidates, by form, then candidate.
    pub tests: Vec<LinkTest>,
    /// The links taken.
    pub links: Vec<Link>,
    /// Political stability, where it is known.
    pub stability: Option<Stability>,
    /// Production, where it is known.
    pub production: Option<Production>,
    /// What is asked.
    pub settings: Settings,
}

record! {
    /// Loss of a sector when another fails, in the last year.
    pub struct Loss = "losses" {
        /// Area that fails.
        pub shocked_area: Arc<str>,
        /// Item of it that fails.
        pub shocked_item: Arc<str>,
        /// Area that loses.
        pub area: Arc<str>,
        /// Item that it loses.
        pub item: Arc<str>,
        /// What it has without the failure.
        pub baseline: f64 ["kUSD; tonnes in a panel by quantity"],
        /// What it loses after ten steps; above 1e-9 of the baseline.
        pub al: f64 ["as baseline"],
        /// The same as a share.
        pub rl: f64 ["1"],
    }
}

/// Share of the baseline below which a loss is not listed.
const LISTED: f64 = 1e-9;

/// Failures of a year whose losses are listed: all up to this number, else [`TOP`].
const ALL_LISTED: usize = 1_000;

/// The most influential failures.
const TOP: usize = 100;

/// Runs failures (item, area) and gives the losses of each, (item, area, loss), to the function, one after
/// the other; failures of items that are linked come in the order given.
pub type RunFailures<'r> = dyn FnMut(
        &[(usize, usize)],
        &mut dyn FnMut((usize, usize), &[(usize, usize, f64)]),
    ) -> Result<(), TradeError>
    + 'r;

/// All tables.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct StudyTables {
    /// What was read and dropped.
    pub counts: Vec<Count>,
    /// Tests of the candidates.
    pub links: Vec<LinkTest>,
    /// All sectors in all years.
    pub indicators: Vec<Indicator>,
    /// Missing quantities.
    pub fills: Vec<QuantityFill>,
    /// Items in all years.
    pub world: Vec<World>,
    /// Parameters of the last year.
    pub parameters: Vec<ParameterRow>,
    /// Losses of the last year.
    pub losses: Vec<Loss>,
    /// Areas by tier.
    pub profiles: Vec<Profile>,
    /// Whether tiers differ.
    pub tiers: Vec<TierTest>,
    /// Groups of areas.
    pub clustering: Clustering,
    /// Coefficients.
    pub regressions: Vec<Regression>,
}

impl<'a> Study<'a> {
    /// Tests the candidates.
    pub fn new(
        panel: &'a Panel,
        candidates: &[Candidate],
        stability: Option<Stability>,
        settings: Settings,
    ) -> Self {
        let tests = links::test(panel, candidates);
        let links = links::chosen(candidates, &tests, settings.links);
        Study { panel, tests, links, stability, production: None, settings }
    }

    /// Amounts of a year; `at` is its index.
    pub fn balance(&self, at: usize) -> Balance {
        let mut balance = Balance::of(self.panel, at, self.settings.reexport_share);
        if let Some(production) = &self.production {
            balance.take(production);
        }
        balance
    }

    /// Amounts and parameters of a year; `at` is its index.
    pub fn model(&self, at: usize) -> (Balance, Parameters) {
        let balance = self.balance(at);
        let parameters = parameters(&balance, &self.links);
        (balance, parameters)
    }

    /// Indicators of a year with trade risk and influence.
    ///
    /// # Errors
    /// Those of `run`.
    pub fn year(
        &self,
        at: usize,
        balance: &Balance,
        run: &mut RunFailures<'_>,
    ) -> Result<YearIndicators, TradeError> {
        let stability = self.stability.as_ref();
        let mut found = indicators(self.panel, at, balance, stability);
        let mut risk = Risk::new(balance, &self.links, self.settings.weights, stability);
        run(&Risk::failures(balance), &mut |failure, losses| {
            risk.add(failure, losses.iter().copied());
        })?;
        risk.finish(&mut found);
        Ok(found)
    }

    /// Losses of the failures of a year, all of them or the most influential ones.
    ///
    /// # Errors
    /// Those of `run`.
    pub fn losses(
        &self,
        balance: &Balance,
        year: &YearIndicators,
        run: &mut RunFailures<'_>,
    ) -> Result<Vec<Loss>, TradeError> {
        let mut failures = Risk::failures(balance);
        if failures.len() > ALL_LISTED {
            let lost = |&(p, c): &(usize, usize)| year.get(p, c).and_then(|row| row.loss_abroad);
            failures.sort_by(|a, b| {
                lost(b).unwrap_or(0.0).total_cmp(&lost(a).unwrap_or(0.0)).then(a.cmp(b))
            });
            failures.truncate(TOP);
        }
        failures.sort_by_key(|&(p, c)| (c, p));
        let (areas, items) = (&self.panel.areas, &self.panel.items);
        let mut rows = Vec::new();
        run(&failures, &mut |(item, area), losses| {
            let mut places = Vec::new();
            for &(p, c, al) in losses {
                let baseline = balance.possessed[balance.at(p, c)];
                if al > LISTED * baseline {
                    places.push((c, p, baseline, al));
                }
            }
            places.sort_by_key(|&(c, p, ..)| (c, p));
            rows.extend(places.into_iter().map(|(c, p, baseline, al)| Loss {
                shocked_area: areas[area].clone(),
                shocked_item: items[item].name.clone(),
                area: areas[c].clone(),
                item: items[p].name.clone(),
                baseline,
                al,
                rl: al / baseline,
            }));
        })?;
        rows.sort_by(|a: &Loss, b: &Loss| {
            (&a.shocked_area, &a.shocked_item).cmp(&(&b.shocked_area, &b.shocked_item))
        });
        Ok(rows)
    }

    /// All tables from the indicators of all years and the losses of the last.
    pub fn tables(&self, years: &[YearIndicators], losses: Vec<Loss>) -> StudyTables {
        let panel = self.panel;
        let mut worlds = Vec::new();
        let mut parameters = Vec::new();
        for (at, year) in years.iter().enumerate() {
            let (balance, of_year) = self.model(at);
            worlds.extend(world(panel, &balance, year));
            if at + 1 == years.len() {
                parameters = parameters::rows(panel, &balance, &of_year);
            }
        }
        let profiles = profiles(panel, years);
        StudyTables {
            counts: panel.counts.clone(),
            links: self.tests.clone(),
            indicators: years.iter().flat_map(|year| year.rows.iter().cloned()).collect(),
            fills: panel.fills.clone(),
            world: worlds,
            parameters,
            losses,
            tiers: tier_tests(&profiles),
            clustering: clusters(&profiles),
            profiles,
            regressions: regressions(panel, years, &self.links, self.settings.horizon),
        }
    }
}

impl StudyTables {
    /// Reads the tables of a finished study.
    ///
    /// # Errors
    /// A table is not there, or is another one.
    pub fn read(folder: &Path) -> Result<Self, TradeError> {
        let clustering = Clustering {
            features: store::rows(folder)?,
            quality: store::rows(folder)?,
            clusters: store::rows(folder)?,
            centres: store::rows(folder)?,
            years: store::rows(folder)?,
            ..Clustering::default()
        };
        Ok(StudyTables {
            counts: store::rows(folder)?,
            links: store::rows(folder)?,
            indicators: store::rows(folder)?,
            fills: store::rows(folder)?,
            world: store::rows(folder)?,
            parameters: store::rows(folder)?,
            losses: store::rows(folder)?,
            profiles: store::rows(folder)?,
            tiers: store::rows(folder)?,
            clustering,
            regressions: store::rows(folder)?,
        })
    }

    /// Writes all tables into a folder, Parquet, and CSV as well if `csv`.
    ///
    /// # Errors
    /// A table cannot be written.
    pub fn write(&self, folder: &Path, csv: bool) -> Result<(), TradeError> {
        write::table(folder, &self.counts, csv)?;
        write::table(folder, &self.links, csv)?;
        write::table(folder, &self.indicators, csv)?;
        write::table(folder, &self.fills, csv)?;
        write::table(folder, &self.world, csv)?;
        write::table(folder, &self.parameters, csv)?;
        write::table(folder, &self.losses, csv)?;
        write::table(folder, &self.profiles, csv)?;
        write::table(folder, &self.tiers, csv)?;
        write::table(folder, &self.clustering.features, csv)?;
        write::table(folder, &self.clustering.quality, csv)?;
        write::table(folder, &self.clustering.clusters, csv)?;
        write::table(folder, &self.clustering.centres, csv)?;
        write::table(folder, &self.clustering.years, csv)?;
        write::table(folder, &self.regressions, csv)?;
        Ok(())
    }
}
