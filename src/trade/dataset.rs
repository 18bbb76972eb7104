//! The dataset of a year of trade: what every command of the shock model runs on.

use shocksweep_trade::balance::Balance;
use shocksweep_trade::panel::Panel;
use shocksweep_trade::parameters::Parameters;

use crate::dataset::Parameters as ModelParameters;
use crate::dataset::measures::Unit;
use crate::dataset::{Area, Dataset, Item, Labels, Metadata, Process, TableSource, TableStatus};
use crate::sparse::Csr;

/// Tables that such a dataset has.
const TABLES: [&str; 8] = [
    "areas",
    "items",
    "processes",
    "sectors",
    "conversion_alpha",
    "output_beta",
    "allocation_nu",
    "trade_t",
];

/// The dataset of a year: process k makes item k.
pub fn dataset(panel: &Panel, balance: &Balance, parameters: &Parameters) -> Dataset {
    let all: Vec<usize> = (0..panel.items.len()).collect();
    dataset_of(panel, &all, balance, parameters)
}

/// The dataset of some items in a year; balance and parameters are of these.
pub fn dataset_of(
    panel: &Panel,
    items: &[usize],
    balance: &Balance,
    parameters: &Parameters,
) -> Dataset {
    Dataset {
        metadata: metadata(panel, balance.year),
        labels: labels(panel, items),
        parameters: model(balance, parameters),
        rules: None,
        substitutability: None,
        food_part: None,
        reserves: Vec::new(),
    }
}

fn metadata(panel: &Panel, year: i32) -> Metadata {
    let about = &panel.about;
    let status = if about.synthetic { TableStatus::Synthetic } else { TableStatus::Original };
    let source = format!("trade of {year} in the panel {}; production by proxy", about.name);
    let table =
        |table: &&str| TableSource { table: table.to_string(), source: source.clone(), status };
    Metadata {
        name: format!("{} {year}", about.name),
        year: Some(year),
        units: about.amount.unit().into(),
        licence: about.licence.clone(),
        synthetic: about.synthetic,
        sources: TABLES.iter().map(table).collect(),
    }
}

fn labels(panel: &Panel, items: &[usize]) -> Labels {
    let area = |(at, name): (usize, &std::sync::Arc<str>)| Area {
        name: name.to_string(),
        code: at as i64 + 1,
        iso3: String::new(),
        region: None,
        latitude: None,
        longitude: None,
        population: None,
        hdi: None,
    };
    let item = |item: &shocksweep_trade::lists::Item| {
        let code = item.codes.first().copied().unwrap_or(0);
        Item {
            name: item.name.to_string(),
            code: i64::from(code),
            commodity_code: format!("{code:06}"),
            commodity_group: item.tier.name().into(),
            group: item.tier.name().into(),
            unit: Unit::parse(panel.about.amount.unit()),
            nutrition: None,
        }
    };
    let process = |item: &shocksweep_trade::lists::Item| Process {
        name: item.name.to_string(),
        code: format!("{:06}", item.codes.first().copied().unwrap_or(0)),
    };
    Labels {
        areas: panel.areas.iter().enumerate().map(area).collect(),
        items: items.iter().map(|&p| item(&panel.items[p])).collect(),
        processes: items.iter().map(|&p| process(&panel.items[p])).collect(),
    }
}

/// Parameters in the order of the model: sectors by area, then item.
fn model(balance: &Balance, p: &Parameters) -> ModelParameters {
    let (areas, items) = (balance.areas, balance.items);
    let size = areas * items;
    let sector = |item: usize, area: usize| area * items + item;
    let vector = |of: &[f64]| {
        let at = |s: usize| of[balance.at(s % items, s / items)];
        (0..size).map(at).collect::<Vec<f64>>()
    };
    let diagonal = |of: &[f64]| {
        let entry = |s: usize| {
            let value = of[balance.at(s % items, s / items)];
            (value != 0.0).then_some((s as u32, s as u32, value))
        };
        matrix(size, (0..size).filter_map(entry).collect())
    };
    let nu = p.nu.iter().map(|&(area, process, item, share)| {
        (sector(process, area) as u32, sector(item, area) as u32, share)
    });
    let mut trade = Vec::new();
    for (item, flows) in balance.flows.iter().enumerate() {
        for flow in flows {
            let share = flow.amount / balance.exports[balance.at(item, flow.exporter)];
            trade.push((
                sector(item, flow.importer) as u32,
                sector(item, flow.exporter) as u32,
                share,
            ));
        }
    }
    ModelParameters {
        x0: vector(&p.x0),
        start_stock: vec![0.0; size],
        share_eta_prod: vector(&p.eta_prod),
        share_eta_exp: vector(&p.eta_exp),
        conversion_alpha: diagonal(&p.alpha),
        output_beta: diagonal(&p.beta),
        allocation_nu: matrix(size, nu.collect()),
        trade_t: matrix(size, trade),
    }
}

/// A matrix of entries that are each there once: flows and links are.
fn matrix(size: usize, entries: Vec<(u32, u32, f64)>) -> Csr<f64> {
    Csr::from_triplets(size, size, entries).unwrap_or_else(|_| Csr::empty(size, size))
}
