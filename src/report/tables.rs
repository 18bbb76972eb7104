//! Tables besides those of results: what other commands write, and what they read of others.

use arrow_schema::Field;
use shocksweep_columnar::Record;

use crate::calibrate::dataset::BalanceRow;
use crate::compare::rows as compared;
use crate::dataset::store;
use crate::exposure::rows as exposed;
use crate::learn::tables as learned;
use crate::mitigate::rows::MitigationRow;
use crate::tables;

/// A table: name, what writes or reads it, columns.
pub type Declared = (String, String, Vec<Field>);

fn of<R: Record>(before: &str, about: &str) -> Declared {
    (format!("{before}{}", R::TABLE), about.to_string(), R::fields())
}

/// All of them, in the order in which a user meets them.
pub fn all() -> Vec<Declared> {
    let compare = "`compare A B --out DIR`";
    let mut all = vec![
        of::<compared::ScenarioDifference>("", compare),
        of::<compared::AreaDifference>("", compare),
        of::<compared::ItemDifference>("", compare),
        of::<compared::SectorDifference>("", compare),
        of::<compared::LossDifference>("", "`compare A B --out DIR --losses`"),
        of::<exposed::ExposureRow>("", "`exposure --out DIR`"),
        of::<exposed::VulnerabilityRow>("", "`exposure --out DIR`"),
        of::<exposed::InfluenceRow>("", "`exposure --out DIR`"),
        of::<MitigationRow>("", "`mitigate AREA ITEM --out FILE`"),
        of::<BalanceRow>("", "`calibrate`, beside the dataset's tables"),
        of::<learned::EventRow>("learn/", "`learn`, beside the dataset's tables"),
        of::<learned::CandidateRow>(
            "learn/",
            "`learn`: sectors and why they have an event or none",
        ),
        of::<learned::RuleRow>("learn/", "`learn`, beside the dataset's tables"),
        of::<learned::ObservationRow>("learn/", "`learn`: what every event says of every rule"),
        of::<learned::ImpactRow>("learn/", "`learn`, beside the dataset's tables"),
        of::<learned::StabilityRow>("learn/", "`learn --stability`"),
    ];
    let yearly = "yearly tables that `calibrate` and `learn` read (CSV or Parquet)".to_string();
    all.extend(
        tables::fields()
            .into_iter()
            .map(|(name, fields)| (format!("tables/{name}"), yearly.clone(), fields)),
    );
    let own = "dataset in the program's own form".to_string();
    let store = store::tables::all().into_iter();
    all.extend(store.map(|(name, fields)| (format!("dataset/{name}"), own.clone(), fields)));
    #[cfg(feature = "trade")]
    all.extend(of_trade());
    #[cfg(feature = "networks")]
    all.extend(of_networks());
    all
}

#[cfg(feature = "trade")]
fn of_trade() -> Vec<Declared> {
    use shocksweep_trade as trade;
    let about = "`trade run`, a study";
    vec![
        of::<trade::links::LinkTest>("trade/", about),
        of::<trade::indicators::Indicator>("trade/", about),
        of::<trade::world::World>("trade/", about),
        of::<trade::study::Loss>("trade/", about),
        of::<trade::parameters::ParameterRow>("trade/", about),
        of::<trade::profiles::Profile>("trade/", about),
        of::<trade::clusters::Feature>("trade/", about),
        of::<trade::clusters::Cluster>("trade/", about),
        of::<trade::clusters::ClusterCentre>("trade/", about),
        of::<trade::clusters::ClusterQuality>("trade/", about),
        of::<trade::clusters::ClusterYear>("trade/", about),
        of::<trade::regressions::Regression>("trade/", about),
    ]
}

#[cfg(feature = "networks")]
fn of_networks() -> Vec<Declared> {
    use shocksweep_networks::{bans, records};
    let about = "`network run`";
    vec![
        of::<bans::Ban>("network/", "`network bans`; `run --scenarios` reads it"),
        of::<records::NodeIndicator>("network/", about),
        of::<records::NetworkIndicator>("network/", about),
        of::<records::Community>("network/", about),
        of::<records::Ranking>("network/", about),
        of::<records::FlowRow>("network/", about),
        of::<records::Geopolitics>("network/", about),
        of::<records::Pmi>("network/", about),
        of::<records::FitRow>("network/", about),
        of::<records::Mple>("network/", about),
        of::<records::BootstrapSummary>("network/", about),
        of::<records::GofRow>("network/", about),
        of::<records::GofObserved>("network/", about),
    ]
}
