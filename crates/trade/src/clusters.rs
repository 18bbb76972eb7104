//! Groups of areas that depend alike.
//!
//! Features are E, H, STR and ln(1 + 1000 I_own) of the sets all and input, from the pooled profile,
//! standardised with the population standard deviation. Areas with a gap are left out, constant
//! columns dropped. k-means for k = 2..8; chosen is the largest mean silhouette, k = 5 is always there
//! (Klimek et al. 2025 find five). Clusters are numbered by falling mean influence.

use std::sync::Arc;

use shocksweep_columnar::record;

use crate::kmeans::{Partition, adjusted_rand, kmeans, means, silhouettes};
use crate::profiles::{POOLED, Profile, SETS};

/// A table of features: of an area, or their means over the areas of a cluster.
macro_rules! features {
    ($(#[doc = $about:expr])* pub struct $name:ident = $table:literal { $($keys:tt)* }) => {
        record! {
            $(#[doc = $about])*
            pub struct $name = $table {
                $($keys)*
                /// E over all items; null in all rows where the column is constant, as are the others.
                pub all_exposure: Option<f64> ["standard deviations"],
                /// H over all items.
                pub all_concentration: Option<f64> ["standard deviations"],
                /// STR over all items.
                pub all_str: Option<f64> ["standard deviations"],
                /// ln(1 + 1000 I_own) over all items.
                pub all_influence_own: Option<f64> ["standard deviations"],
                /// E over input items.
                pub input_exposure: Option<f64> ["standard deviations"],
                /// H over input items.
                pub input_concentration: Option<f64> ["standard deviations"],
                /// STR over input items.
                pub input_str: Option<f64> ["standard deviations"],
                /// ln(1 + 1000 I_own) over input items.
                pub input_influence_own: Option<f64> ["standard deviations"],
            }
        }
    };
}

features! {
    /// Standardised features of an area.
    pub struct Feature = "features" {
        /// Area.
        pub area: Arc<str>,
    }
}

record! {
    /// How good a number of clusters is.
    pub struct ClusterQuality = "cluster_quality" {
        /// Number of clusters.
        pub k: u32,
        /// Sum of squared distances to the centres.
        pub inertia: f64,
        /// Mean silhouette.
        pub silhouette: f64,
        /// Whether it is the largest.
        pub chosen: bool,
    }
}

record! {
    /// Cluster of an area.
    pub struct Cluster = "clusters" {
        /// Number of clusters.
        pub k: u32,
        /// Area.
        pub area: Arc<str>,
        /// Cluster, from 1 by falling mean influence.
        pub cluster: u32,
        /// Silhouette of the area.
        pub silhouette: f64,
    }
}

features! {
    /// Centre of a cluster: means of the features.
    pub struct ClusterCentre = "cluster_centres" {
        /// Number of clusters.
        pub k: u32,
        /// Cluster.
        pub cluster: u32,
        /// Areas in it.
        pub areas: u32,
    }
}

record! {
    /// Clusters of a single year against the pooled ones.
    pub struct ClusterYear = "cluster_years" {
        /// Year.
        pub year: i32,
        /// Number of clusters.
        pub k: u32,
        /// Areas without a gap.
        pub areas: u32,
        /// Sum of squared distances to the centres.
        pub inertia: f64,
        /// Mean silhouette.
        pub silhouette: f64,
        /// Adjusted Rand index against the pooled clusters, over areas in both.
        pub ari_to_pooled: Option<f64>,
    }
}

/// Names of the features.
pub const FEATURES: [&str; 8] = [
    "all_exposure",
    "all_concentration",
    "all_str",
    "all_influence_own",
    "input_exposure",
    "input_concentration",
    "input_str",
    "input_influence_own",
];

/// The feature whose mean numbers the clusters.
const INFLUENCE: usize = 3;

/// The number of clusters that is always reported.
pub const ALWAYS: usize = 5;

/// Seed of the restarts.
const SEED: u64 = 5;

/// What came of the grouping.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Clustering {
    /// Standardised features.
    pub features: Vec<Feature>,
    /// By k.
    pub quality: Vec<ClusterQuality>,
    /// By k and area.
    pub clusters: Vec<Cluster>,
    /// By k and cluster.
    pub centres: Vec<ClusterCentre>,
    /// By year.
    pub years: Vec<ClusterYear>,
    /// Areas left out of the pooled features because of a gap.
    pub left_out: Vec<Arc<str>>,
    /// Columns dropped because they are constant.
    pub dropped: Vec<&'static str>,
}

/// Points of a scope.
struct Points {
    areas: Vec<Arc<str>>,
    /// Features that vary, standardised.
    points: Vec<Vec<f64>>,
    /// Which features these are.
    columns: Vec<usize>,
    left_out: Vec<Arc<str>>,
}

/// Features of the areas of a scope; its profiles are by area, then set.
fn points(profiles: &[Profile]) -> Points {
    let (mut areas, mut rows, mut left_out) = (Vec::new(), Vec::new(), Vec::new());
    for of_area in profiles.chunks(SETS.len()) {
        let of_set = |at: usize| {
            let row = &of_area[at];
            let influence = row.influence_own.map(|i| libm::log1p(1000.0 * i));
            [row.exposure, row.concentration, row.str, influence]
        };
        // All items, and those of the tier `input`.
        let all: Option<Vec<f64>> = [of_set(0), of_set(2)].into_iter().flatten().collect();
        match all {
            Some(row) => {
                areas.push(of_area[0].area.clone());
                rows.push(row);
            }
            None => left_out.push(of_area[0].area.clone()),
        }
    }
    let n = rows.len() as f64;
    let mut columns = Vec::new();
    let mut scaled = vec![Vec::new(); rows.len()];
    for column in 0..FEATURES.len() {
        let mean = rows.iter().map(|row| row[column]).sum::<f64>() / n;
        let variance =
            rows.iter().map(|row| (row[column] - mean) * (row[column] - mean)).sum::<f64>() / n;
        let deviation = variance.sqrt();
        // Equal values differ from their mean by rounding.
        if !(deviation > 1e-12 * mean.abs()) {
            continue;
        }
        columns.push(column);
        for (row, scaled) in rows.iter().zip(&mut scaled) {
            scaled.push((row[column] - mean) / deviation);
        }
    }
    Points { areas, points: scaled, columns, left_out }
}

impl Points {
    /// The best partition, numbered by falling mean influence.
    fn partition(&self, k: usize) -> Option<Partition> {
        if self.columns.is_empty() || self.points.len() <= k {
            return None;
        }
        let mut found = kmeans(&self.points, k, SEED)?;
        let centres = means(&self.points, &found.of, k);
        let influence = self.columns.iter().position(|&column| column == INFLUENCE);
        let key = |c: usize| influence.map_or(0.0, |at| centres[c][at]);
        let first = |c: usize| found.of.iter().position(|&of| of == c);
        let mut order: Vec<usize> = (0..k).collect();
        order.sort_by(|&a, &b| key(b).total_cmp(&key(a)).then(first(a).cmp(&first(b))));
        let mut number = vec![0; k];
        order.iter().enumerate().for_each(|(new, &old)| number[old] = new);
        found.of.iter_mut().for_each(|c| *c = number[*c]);
        Some(found)
    }

    /// Values of features that vary, at the place of each.
    fn spread(&self, values: &[f64]) -> [Option<f64>; 8] {
        let mut all = [None; 8];
        self.columns.iter().zip(values).for_each(|(&column, &value)| all[column] = Some(value));
        all
    }
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len().max(1) as f64
}

/// Groups the areas; `profiles` are by scope, area, set.
pub fn clusters(profiles: &[Profile]) -> Clustering {
    let mut all = Clustering::default();
    let scopes: Vec<&[Profile]> = profiles.chunk_by(|a, b| a.scope == b.scope).collect();
    let Some(pooled) = scopes.iter().find(|scope| scope[0].scope == POOLED) else { return all };
    let pooled = points(pooled);
    let dropped = |at: &usize| !pooled.columns.contains(at);
    all.dropped = (0..FEATURES.len()).filter(dropped).map(|at| FEATURES[at]).collect();
    all.left_out.clone_from(&pooled.left_out);
    for (area, point) in pooled.areas.iter().zip(&pooled.points) {
        let [ae, ac, a_str, ai, ie, ic, i_str, ii] = pooled.spread(point);
        all.features.push(Feature {
            area: area.clone(),
            all_exposure: ae,
            all_concentration: ac,
            all_str: a_str,
            all_influence_own: ai,
            input_exposure: ie,
            input_concentration: ic,
            input_str: i_str,
            input_influence_own: ii,
        });
    }
    let mut five = None;
    for k in 2..=8 {
        let Some(found) = pooled.partition(k) else { continue };
        add(&mut all, &pooled, &found);
        if k == ALWAYS {
            five = Some(found);
        }
    }
    let most = all.quality.iter().map(|row| row.silhouette).fold(f64::NEG_INFINITY, f64::max);
    if let Some(best) = all.quality.iter_mut().find(|row| row.silhouette == most) {
        best.chosen = true;
    }
    for scope in scopes.iter().filter(|scope| scope[0].scope != POOLED) {
        let of_year = points(scope);
        let (Some(found), Ok(year)) = (of_year.partition(ALWAYS), scope[0].scope.parse()) else {
            continue;
        };
        let silhouette = mean(&silhouettes(&of_year.points, &found.of, found.k));
        all.years.push(ClusterYear {
            year,
            k: ALWAYS as u32,
            areas: of_year.areas.len() as u32,
            inertia: found.inertia,
            silhouette,
            ari_to_pooled: five
                .as_ref()
                .and_then(|five| agreement(&of_year, &found, &pooled, five)),
        });
    }
    all
}

fn add(all: &mut Clustering, pooled: &Points, found: &Partition) {
    let k = found.k as u32;
    let each = silhouettes(&pooled.points, &found.of, found.k);
    let quality =
        ClusterQuality { k, inertia: found.inertia, silhouette: mean(&each), chosen: false };
    all.quality.push(quality);
    for ((area, &cluster), &silhouette) in pooled.areas.iter().zip(&found.of).zip(&each) {
        all.clusters.push(Cluster {
            k,
            area: area.clone(),
            cluster: cluster as u32 + 1,
            silhouette,
        });
    }
    for (c, centre) in means(&pooled.points, &found.of, found.k).iter().enumerate() {
        let [ae, ac, a_str, ai, ie, ic, i_str, ii] = pooled.spread(centre);
        all.centres.push(ClusterCentre {
            k,
            cluster: c as u32 + 1,
            areas: found.of.iter().filter(|&&of| of == c).count() as u32,
            all_exposure: ae,
            all_concentration: ac,
            all_str: a_str,
            all_influence_own: ai,
            input_exposure: ie,
            input_concentration: ic,
            input_str: i_str,
            input_influence_own: ii,
        });
    }
}

/// Adjusted Rand index over the areas in both.
fn agreement(a: &Points, of_a: &Partition, b: &Points, of_b: &Partition) -> Option<f64> {
    let both = a.areas.iter().enumerate().filter_map(|(at, area)| {
        let other = b.areas.iter().position(|other| other == area)?;
        Some((of_a.of[at], of_b.of[other]))
    });
    let (a, b): (Vec<usize>, Vec<usize>) = both.unzip();
    adjusted_rand(&a, &b)
}
