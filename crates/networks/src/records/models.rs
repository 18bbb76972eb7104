//! Tables of models: statistics, coefficients, fits, replicates, goodness of fit, designs.

use shocksweep_columnar::record;

record! {
    /// Statistics of the terms of a tier's models in its networks.
    pub struct NetworkStatistic = "network_statistics" {
        /// Tier.
        pub tier: String,
        /// Year.
        pub year: i32,
        /// Position of the network in the tier, from 1.
        pub t: u32,
        /// Term.
        pub term: String,
        /// Statistic.
        pub value: f64,
    }
}

record! {
    /// Coefficients. An odds ratio is exp(b), the change of the odds of a tie per unit.
    pub struct Mple = "mple" {
        /// Tier.
        pub tier: String,
        /// Model.
        pub model: String,
        /// Place of the term in the model, from 1.
        pub k: u32,
        /// Term.
        pub term: String,
        /// Coefficient b, maximum pseudolikelihood; null where there is no finite estimate.
        pub mple: Option<f64>,
        /// Standard error from the information; too small, as pairs are not independent.
        pub information_se: Option<f64>,
        /// estimated; collinear (depends on the terms before it); separated (ties and non-ties are
        /// separated along it), not_estimated (of a model with separated terms), not_converged.
        pub outcome: String,
        /// Mean of the bootstrapped coefficients.
        pub boot_mean: Option<f64>,
        /// Their standard deviation.
        pub boot_sd: Option<f64>,
        /// 90 % interval.
        pub lower_90: Option<f64>,
        /// 90 % interval.
        pub upper_90: Option<f64>,
        /// 95 % interval.
        pub lower_95: Option<f64>,
        /// 95 % interval.
        pub upper_95: Option<f64>,
        /// 99 % interval.
        pub lower_99: Option<f64>,
        /// 99 % interval.
        pub upper_99: Option<f64>,
        /// One for each interval that excludes 0.
        pub stars: String,
        /// exp(b).
        pub odds_ratio: Option<f64> ["1"],
        /// exp of the 95 % interval.
        pub odds_lower: Option<f64> ["1"],
        /// exp of the 95 % interval.
        pub odds_upper: Option<f64> ["1"],
        /// 100 (exp(b) - 1).
        pub percent: Option<f64> ["%"],
        /// Average marginal effect: mean over pairs of p (1 - p) b.
        pub marginal_effect: Option<f64> ["probability per unit"],
    }
}

record! {
    /// How the models fit.
    #[derive(Default)]
    pub struct FitRow = "fits" {
        /// Tier.
        pub tier: String,
        /// Model.
        pub model: String,
        /// First year explained.
        pub first_year: i32,
        /// Last year explained.
        pub last_year: i32,
        /// Ordered pairs over all steps.
        pub pairs: u64,
        /// Ties among them.
        pub ties: u64,
        /// Steps.
        pub steps: u32,
        /// Areas in any step.
        pub areas: u32,
        /// Log pseudolikelihood; null without estimates.
        pub pseudo_loglik: Option<f64>,
        /// Area under the ROC curve of the fitted probabilities.
        pub auc_roc: Option<f64> ["1"],
        /// Average precision of the fitted probabilities.
        pub average_precision: Option<f64> ["1"],
        /// Newton iterations.
        pub iterations: u32,
        /// exact, drawn or none.
        pub bootstrap: String,
        /// Replicates, or multisets of an exact bootstrap.
        pub replicates: u32,
        /// Replicates without estimates, dropped for all terms.
        pub dropped: u32,
        /// estimated, separated or not_converged.
        pub outcome: String,
        /// Terms that depend on those before them.
        pub collinear: String,
        /// Terms along which ties and non-ties are separated.
        pub separated: String,
        /// Area under the ROC curve of tie frequencies in simulated networks.
        pub auc_simulated: Option<f64> ["1"],
        /// Average precision of the same.
        pub precision_simulated: Option<f64> ["1"],
        /// Area under the ROC curve of random networks of the same density.
        pub auc_random: Option<f64> ["1"],
        /// Average precision of the same.
        pub precision_random: Option<f64> ["1"],
        /// Share of the toggles that were accepted in simulation.
        pub acceptance: Option<f64> ["1"],
        /// Largest autocorrelation of the number of ties between kept networks of a step.
        pub autocorrelation: Option<f64> ["1"],
        /// Steps whose chain ended empty or complete.
        pub degenerate_steps: Option<u32>,
    }
}

record! {
    /// Distribution of the bootstrapped coefficients.
    pub struct BootstrapSummary = "bootstrap_summary" {
        /// Tier.
        pub tier: String,
        /// Model.
        pub model: String,
        /// Term.
        pub term: String,
        /// exact or drawn.
        pub bootstrap: String,
        /// Coefficient of the full fit.
        pub mple: f64,
        /// Mean over all multisets of steps that can be estimated.
        pub exact_mean: Option<f64>,
        /// Standard deviation over the same.
        pub exact_sd: Option<f64>,
        /// Smallest value whose cumulative probability reaches 2.5 %.
        pub exact_low: Option<f64> = "exact_q2.5",
        /// Smallest value whose cumulative probability reaches 97.5 %.
        pub exact_high: Option<f64> = "exact_q97.5",
        /// Mean, of either kind of bootstrap.
        pub boot_mean: f64,
        /// Standard deviation, of either kind.
        pub boot_sd: f64,
        /// Lower end of the 95 % interval.
        pub lower_95: f64,
        /// Upper end of the 95 % interval.
        pub upper_95: f64,
    }
}

record! {
    /// Replicates of the bootstrap, term by term.
    pub struct ReplicateRow = "replicates" {
        /// Tier.
        pub tier: String,
        /// Model.
        pub model: String,
        /// Replicate, from 1.
        pub replicate: u32,
        /// How often each step was drawn, in order, separated by spaces.
        pub multiplicities: String,
        /// Probability of the multiset, or 1 / replicates.
        pub probability: f64 ["1"],
        /// Term.
        pub term: String,
        /// Coefficient; null in a replicate that is dropped.
        pub coefficient: Option<f64>,
    }
}

record! {
    /// Counts in the observed networks; zeros are left out.
    pub struct GofObserved = "gof_observed" {
        /// Tier.
        pub tier: String,
        /// Year.
        pub year: i32,
        /// esp, dsp, nsp (ordered pairs by paths i -> k -> j), ideg, odeg, deg, geodesic,
        /// triad.directed.
        pub statistic: String,
        /// Value counted: a number, Inf, or a triad class.
        pub value: String,
        /// How often.
        pub count: u32,
    }
}

record! {
    /// Counts in networks drawn from a model beside the observed.
    pub struct GofRow = "gof" {
        /// Tier.
        pub tier: String,
        /// Model.
        pub model: String,
        /// Step; null for the mean over all steps.
        pub t: Option<u32>,
        /// Year; null for the mean over all steps.
        pub year: Option<i32>,
        /// Statistic, as in gof_observed.
        pub statistic: String,
        /// Value counted.
        pub value: String,
        /// In the observed network.
        pub observed: f64,
        /// Mean over the drawn networks.
        pub mean: f64,
        /// Standard deviation.
        pub sd: f64,
        /// Minimum.
        pub min: f64,
        /// 2.5 % quantile.
        pub low: f64 = "q2.5",
        /// 25 % quantile.
        pub q25: f64,
        /// Median.
        pub median: f64,
        /// 75 % quantile.
        pub q75: f64,
        /// 97.5 % quantile.
        pub high: f64 = "q97.5",
        /// Maximum.
        pub max: f64,
        /// Two-sided Monte-Carlo p.
        pub p: f64 ["1"],
    }
}

record! {
    /// A model's own statistics in networks drawn from it.
    pub struct SimulatedStatistic = "simulated_statistics" {
        /// Tier.
        pub tier: String,
        /// Model.
        pub model: String,
        /// Step.
        pub t: u32,
        /// Year.
        pub year: i32,
        /// Term.
        pub term: String,
        /// In the observed network.
        pub observed: f64,
        /// Mean over the drawn networks.
        pub sim_mean: f64,
        /// Standard deviation.
        pub sim_sd: f64,
        /// Monte-Carlo error of the mean, by ten batches of the chain.
        pub mc_se: Option<f64>,
        /// Two-sided Monte-Carlo p.
        pub p: f64 ["1"],
    }
}

record! {
    /// Curves of tie prediction, thinned.
    pub struct CurvePoint = "curves" {
        /// Tier.
        pub tier: String,
        /// Model.
        pub model: String,
        /// fitted (probabilities), simulated (frequencies), random (same density).
        pub source: String,
        /// False-positive rate.
        pub false_positives: f64 ["1"],
        /// True-positive rate.
        pub recall: f64 ["1"],
        /// Share of ties among the pairs above the threshold.
        pub precision: f64 ["1"],
    }
}

record! {
    /// Change statistics of every pair, term by term.
    pub struct DesignRow = "design" {
        /// Tier.
        pub tier: String,
        /// Model.
        pub model: String,
        /// Step.
        pub t: u32,
        /// Importer.
        pub importer: String,
        /// Exporter.
        pub exporter: String,
        /// Whether there is a tie.
        pub y: u32,
        /// Term.
        pub term: String,
        /// Change statistic.
        pub value: f64,
    }
}

record! {
    /// The areas of the sample.
    pub struct SampleArea = "sample" {
        /// Area.
        pub area: String,
        /// Name.
        pub name: String,
        /// Latitude.
        pub lat: f64 ["degrees"],
        /// Longitude.
        pub lng: f64 ["degrees"],
        /// Group.
        pub group: String,
    }
}
