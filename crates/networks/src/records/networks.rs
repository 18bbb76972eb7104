//! Tables of networks: ties, indicators, communities, rankings, flows.

use shocksweep_columnar::record;

record! {
    /// Dependency networks: ties only.
    pub struct Pmi = "pmi" {
        /// Tier.
        pub tier: String,
        /// Year.
        pub year: i32,
        /// Importer, who depends.
        pub importer: String,
        /// Exporter, on whom it depends.
        pub exporter: String,
        /// Dependence g_ij.
        pub g: f64 ["1"],
        /// Imports y_ij.
        pub value_usd: f64 ["USD"],
        /// Share of world trade of the tier, y_ij / y_w.
        pub share: f64 ["1"],
    }
}

record! {
    /// Cooperation and conflict between governments.
    pub struct Geopolitics = "geopolitics" {
        /// Year.
        pub year: i32,
        /// Acting area.
        pub source: String,
        /// Area acted upon.
        pub target: String,
        /// 0.5 verbal + 1 material cooperation.
        pub cooperation: f64 ["weighted events"],
        /// 0.5 verbal + 1 material conflict.
        pub conflict: f64 ["weighted events"],
    }
}

record! {
    /// Indicators of whole networks.
    pub struct NetworkIndicator = "network_indicators" {
        /// TIER_YEAR, coop_YEAR or conf_YEAR.
        pub network: String,
        /// Name.
        pub indicator: String,
        /// Value; null where undefined.
        pub value: Option<f64>,
    }
}

record! {
    /// Indicators of the areas of every network.
    pub struct NodeIndicator = "node_indicators" {
        /// TIER_YEAR, coop_YEAR or conf_YEAR.
        pub network: String,
        /// Area.
        pub area: String,
        /// Ties from it: suppliers, or governments acted upon.
        pub outdeg: u32,
        /// Ties to it: customers, or governments acting upon it.
        pub indeg: u32,
        /// Their sum.
        pub degree_centrality: u32,
        /// Distinct neighbours.
        pub k_neighbors: u32,
        /// Sum of weights from it.
        pub out_strength: f64,
        /// Sum of weights to it.
        pub in_strength: f64,
        /// Directed ties among neighbours over those possible; null below two neighbours.
        pub clustering: Option<f64> ["1"],
        /// The same of ties of either direction.
        pub clustering_undirected: Option<f64> ["1"],
        /// A x = lambda x, largest entry 1; null in a network without a cycle.
        pub eigenvector: Option<f64> ["1"],
        /// Of A^T.
        pub eigenvector_in: Option<f64> ["1"],
        /// Of max(A, A^T).
        pub eigenvector_undirected: Option<f64> ["1"],
        /// Of W.
        pub eigenvector_weighted: Option<f64> ["1"],
        /// Of W^T.
        pub eigenvector_in_weighted: Option<f64> ["1"],
    }
}

record! {
    /// Communities of the areas of every network; an area without ties is in none.
    pub struct Community = "communities" {
        /// TIER_YEAR, coop_YEAR or conf_YEAR.
        pub network: String,
        /// Year.
        pub year: i32,
        /// Area.
        pub area: String,
        /// Community, from 1 by size; null without ties.
        pub community: Option<u32>,
        /// Modularity of the partition, the best of all runs.
        pub modularity: Option<f64> ["1"],
        /// Mean adjusted Rand index of all runs with the best: 1 = always the same partition.
        pub agreement: Option<f64> ["1"],
        /// Of which ties: `weighted`, W + W^T.
        pub kind: String,
        /// Largest modularity of all runs, as `modularity`.
        pub best_modularity: Option<f64> ["1"],
        /// Smallest of the Louvain runs.
        pub louvain_min: Option<f64> ["1"],
        /// Median of the Louvain runs.
        pub louvain_median: Option<f64> ["1"],
        /// Communities of the best run, an area without ties being one.
        pub communities_of_best: Option<u32>,
    }
}

record! {
    /// How much the communities of a network differ from run to run.
    pub struct CommunityRuns = "community_runs" {
        /// TIER_YEAR, coop_YEAR or conf_YEAR.
        pub network: String,
        /// Year.
        pub year: i32,
        /// Of which ties: `weighted`, W + W^T, or `binarysum`, A + A^T.
        pub kind: String,
        /// Runs of each method.
        pub runs: u32,
        /// Largest modularity of all runs.
        pub best_modularity: f64 ["1"],
        /// Smallest of the Louvain runs.
        pub louvain_min: f64 ["1"],
        /// Median of the Louvain runs.
        pub louvain_median: f64 ["1"],
        /// Smallest of the Leiden runs.
        pub leiden_min: f64 ["1"],
        /// Median of the Leiden runs.
        pub leiden_median: f64 ["1"],
        /// Communities of the best run, an area without ties being one.
        pub communities_of_best: u32,
        /// Areas without ties.
        pub isolates: u32,
        /// Mean adjusted Rand index of all runs with the best.
        pub agreement: f64 ["1"],
    }
}

record! {
    /// The first areas of every network by several measures.
    pub struct Ranking = "rankings" {
        /// TIER_YEAR, coop_YEAR or conf_YEAR.
        pub network: String,
        /// Year.
        pub year: i32,
        /// Of cooperation and conflict degree, eigenvector; of tiers partners_import,
        /// partners_export, partners (either), imports, exports, trade (USD), strength (of g).
        pub measure: String,
        /// Rank; equal values share it.
        pub rank: u32,
        /// Area.
        pub area: String,
        /// Value.
        pub value: f64,
    }
}

record! {
    /// Trade among the largest traders of a tier, and among groups.
    pub struct FlowRow = "flows" {
        /// Tier.
        pub tier: String,
        /// Year.
        pub year: i32,
        /// area or group.
        pub level: String,
        /// Exporter, or `rest`: all others, those outside the sample among them.
        pub from: String,
        /// Importer, or `rest`.
        pub to: String,
        /// Value.
        pub value_usd: f64 ["USD"],
        /// Share of world trade of the tier.
        pub share: f64 ["1"],
    }
}
