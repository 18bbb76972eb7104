//! What is said, as JSON has it: numbers with seven digits, areas and items by their position in the
//! catalogue. Every loss of a case is too much for that, and no page draws it: it goes as an Arrow file.

use serde::Serialize;

use super::ExploreError;
use crate::analysis::overview::short::Short;

/// An answer.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "answer", rename_all = "kebab-case")]
pub enum Reply {
    /// Who loses.
    Losses(LossesReply),
    /// One area.
    Panel(PanelReply),
    /// Why.
    Why(WhyReply),
    /// What to fear.
    Fears(FearsReply),
    /// What makes it worse.
    Together(TogetherReply),
    /// What changes do.
    Changes(ChangesReply),
    /// Changes, ranked.
    Best(BestReply),
    /// Scenarios of the result.
    Find(FindReply),
    /// A scenario of the result.
    Recorded(RecordedReply),
    /// It is still being computed: ask again.
    Working(WorkingReply),
    /// Every loss, as an Arrow file: bytes, nothing that JSON holds.
    #[serde(skip)]
    Table(Vec<u8>),
}

/// Says what a world holds, or what it answers; made by [`super::Explorer`].
pub type Answered = Result<Reply, ExploreError>;

/// How far a long computation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct WorkingReply {
    /// Runs done.
    pub done: usize,
    /// Of all.
    pub total: usize,
}

/// A sector that fails.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct ShockedReply {
    /// Area.
    pub area: usize,
    /// Item.
    pub item: usize,
    /// Share of output lost.
    pub phi: f64,
}

/// Who loses how much.
#[derive(Debug, Clone, Serialize)]
pub struct LossesReply {
    /// What fails, in words.
    pub name: String,
    /// The sectors that fail and produce something; none where nothing is lost.
    pub shocked: Vec<ShockedReply>,
    /// Unit of sums.
    pub unit: String,
    /// Unit of losses per person.
    pub unit_per_person: String,
    /// Per area: factor from its sum to a loss per person; null where it has no people.
    pub per_person: Vec<Option<Short>>,
    /// What areas have without the failure, as sums: by step, by area.
    pub supply: Vec<Vec<Short>>,
    /// Areas that have more food than people eat: they are ranked nowhere.
    pub left_out: Vec<usize>,
    /// The ways that were run.
    pub ways: Vec<WayReply>,
}

/// Losses in one way.
#[derive(Debug, Clone, Serialize)]
pub struct WayReply {
    /// Whether areas adapt.
    pub adaptation: bool,
    /// Losses as sums: by step, by area.
    pub by_area: Vec<Vec<Short>>,
    /// Sum over all areas, by step.
    pub world: Vec<Short>,
    /// Sum over the areas that have people, by step.
    pub world_populated: Vec<Short>,
    /// Sectors that lose more than 1, 10 and 26 % in the end.
    pub above_marks: [u32; 3],
    /// Sectors that adapt.
    pub adapting: usize,
    /// Sectors that substitute.
    pub substituting: usize,
    /// Sectors that have run away in the end: they count nothing.
    pub runaway: usize,
}

/// What one area loses.
#[derive(Debug, Clone, Serialize)]
pub struct PanelReply {
    /// The area.
    pub area: usize,
    /// Whether areas adapt, of the ways that were run.
    pub ways: Vec<bool>,
    /// Its items, those first of which it loses most.
    pub items: Vec<ItemReply>,
    /// From whom it buys the items that it loses most of.
    pub suppliers: Vec<SuppliersReply>,
}

/// An item of an area.
#[derive(Debug, Clone, Serialize)]
pub struct ItemReply {
    /// The item.
    pub item: usize,
    /// Whether it fails there.
    pub fails: bool,
    /// What there is without the failure, by step, in the item's unit.
    pub baseline: Vec<Short>,
    /// By way: loss by step, in the item's unit.
    pub al: Vec<Vec<Short>>,
    /// By way: loss in the end over what there would be, not below -1; null where there is nothing.
    pub rl: Vec<Option<Short>>,
    /// By way: loss in the end in what is told.
    pub value: Vec<Short>,
    /// By way: whether it has run away in the end.
    pub runaway: Vec<bool>,
}

/// Suppliers of an item.
#[derive(Debug, Clone, Serialize)]
pub struct SuppliersReply {
    /// The item.
    pub item: usize,
    /// Area, amount a year and share of what there is; the area itself for what it makes.
    pub from: Vec<(usize, Short, Short)>,
    /// How many more there are.
    pub more: usize,
}

/// A sector by its parts.
pub type SectorReply = (usize, usize);

/// Why an area loses.
#[derive(Debug, Clone, Serialize)]
pub struct WhyReply {
    /// The area.
    pub area: usize,
    /// Whether areas adapt in the run that was taken apart.
    pub adaptation: bool,
    /// Unit of all amounts.
    pub unit: String,
    /// The loss.
    pub loss: Short,
    /// The largest ways: sectors from where it arises, what arises there, what they carry.
    pub routes: Vec<(Vec<SectorReply>, &'static str, Short)>,
    /// What all other ways carry: with the largest, the loss.
    pub others: Short,
    /// What arises where: sector, kind, what it adds to the loss.
    pub origins: Vec<(SectorReply, &'static str, Short)>,
    /// Links by which less comes in the last step: sector that loses, from whom, by trade or production,
    /// before, now.
    pub links: Vec<(SectorReply, SectorReply, &'static str, Short, Short)>,
    /// Sectors that have run away in the run: they count nothing, and what comes from them is no finding.
    pub runaway: usize,
    /// Whether what is asked about is one of them.
    pub has_run_away: bool,
}

/// A failure and what it costs.
#[derive(Debug, Clone, Serialize)]
pub struct FearReply {
    /// The sector that fails.
    pub sector: SectorReply,
    /// Loss by way; per person where people are known.
    pub loss: [Option<Short>; 2],
    /// The same of what the area has.
    pub share: [Option<Short>; 2],
    /// What it buys there of that item, of all it has of it.
    pub bought_share: Short,
    /// Whether it is its own failure.
    pub is_own: bool,
}

/// What an area must fear.
#[derive(Debug, Clone, Serialize)]
pub struct FearsReply {
    /// The area.
    pub area: usize,
    /// Unit of losses.
    pub unit: String,
    /// Single failures that were run.
    pub failures: usize,
    /// The worst of them.
    pub worst: Vec<FearReply>,
    /// Areas that share most of its risk, with how much.
    pub alike: Vec<(usize, Short)>,
}

/// A second failure.
#[derive(Debug, Clone, Serialize)]
pub struct PartnerReply {
    /// The sector.
    pub sector: SectorReply,
    /// What it costs alone.
    pub alone: Short,
    /// What both cost.
    pub joint: Short,
    /// What both cost beyond each alone.
    pub beyond: Short,
}

/// Which failure would make it worse.
#[derive(Debug, Clone, Serialize)]
pub struct TogetherReply {
    /// Area whose loss counts; null for all.
    pub area: Option<usize>,
    /// Whether areas adapt.
    pub adaptation: bool,
    /// Unit.
    pub unit: String,
    /// What the case costs alone.
    pub alone: Short,
    /// Failures that were tried.
    pub tried: usize,
    /// Partners, those first that make it worse by most.
    pub partners: Vec<PartnerReply>,
}

/// What changes do.
#[derive(Debug, Clone, Serialize)]
pub struct ChangesReply {
    /// In sentences.
    pub told: Vec<String>,
}

/// Changes, ranked.
#[derive(Debug, Clone, Serialize)]
pub struct BestReply {
    /// The area.
    pub area: usize,
    /// The item.
    pub item: usize,
    /// Unit of amounts.
    pub unit: String,
    /// Mean loss a year as it is.
    pub before: Short,
    /// Changes that were tried and can be made, the best first.
    pub tried: Vec<TriedReply>,
    /// Changes that cannot be made.
    pub impossible: usize,
}

/// A change that was tried.
#[derive(Debug, Clone, Serialize)]
pub struct TriedReply {
    /// The change, as what-if files and questions have it.
    pub change: crate::whatif::Change,
    /// Amount moved a year, or held.
    pub amount: Short,
    /// Mean loss a year with it.
    pub after: Short,
}

/// A scenario of a result.
#[derive(Debug, Clone, Serialize)]
pub struct FoundReply {
    /// Identifier.
    pub scenario: u32,
    /// Name.
    pub name: String,
    /// What it costs the world, kcal per person and day or tonnes, by way.
    pub loss: [Option<Short>; 2],
    /// What fails, as questions have it; null where it is no failure of production.
    pub failures: Option<Vec<super::question::Failing>>,
}

/// Scenarios of a result.
#[derive(Debug, Clone, Serialize)]
pub struct FindReply {
    /// How many there are.
    pub matches: usize,
    /// Of how many.
    pub of: usize,
    /// Unit of losses.
    pub unit: &'static str,
    /// Those shown, the worst first.
    pub scenarios: Vec<FoundReply>,
}

/// What a result holds of a scenario.
#[derive(Debug, Clone, Serialize)]
pub struct RecordedReply {
    /// Identifier.
    pub scenario: u32,
    /// By way: food lost by area, kcal per person and day; tonnes in a world that knows no food.
    pub by_area: [Option<Vec<Short>>; 2],
    /// Unit.
    pub unit: &'static str,
}
