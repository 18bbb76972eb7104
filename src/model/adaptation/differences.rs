//! Where the paper, the published program and shocksweep differ.
//!
//! Paper: Baum et al. 2024. Program: the code published with it. Every point has a test, named in
//! its last line; the tests are in `tests/core/differences.rs` unless said otherwise. Defaults follow the
//! program, since its numbers are the published ones; where the program has no defined answer, they
//! follow the paper.
//!
//! # Thresholds
//!
//! 1. **Ties.** Both compare with >=, and 174 sectors of the 2020 data have a baseline of exactly
//!    1000 t, so that the order of a sum decides whether they adapt. Here a loss reaches a threshold
//!    from a billionth below it ([`TIE_TOLERANCE`]); no option. *`ties_reach_the_thresholds`, in
//!    [`entry`](super::entry).*
//! 2. **Limits of the program.** The program reads its limits from variables that it does not set.
//!    Here they are the paper's, 0.26 and 1000 t; options `relative_threshold`,
//!    `absolute_threshold`. *`limits_are_the_papers`*
//! 3. **Nothing lost of nothing.** A relative loss 0/0 is 0: a sector whose baseline and amount are 0
//!    never adapts. *`nothing_lost_of_nothing_is_no_loss`*
//!
//! # Rules
//!
//! 4. **No rule.** The files write a half that was learned from no event as -1000, and the program
//!    reads any negative number as 0. Here -1000 is "none" and counts as 0; no option.
//!    *`a_missing_half_counts_as_zero`*
//! 5. **Filler.** Most entries without a learned rule hold the pair (1, -1000), which scales the
//!    entry by the relative loss before the constraint. It is applied as it stands; data learned
//!    here do not have it. *`filler_shrinks_an_entry`*
//! 6. **Entries without a pair** become 0 in the program: 3,227 of the 4,683 beta entries of 2020
//!    have none, so that an adapting sector of such an item produces nothing from then on. Default
//!    `missing_rule = "published"` does that, `"keep"` leaves the entry as it is.
//!    *`entries_without_a_pair`*
//! 7. **Rewiring against the structure.** The paper forbids entries that would trade one item as
//!    another or put out in another area. The program multiplies them away; here they do not exist,
//!    and importing such rules skips them. *`rules_against_the_structure_do_not_exist`*
//! 8. **Rewiring into a process without output.** Its column keeps its sum, which is 0. So nothing
//!    is made there. *`a_process_without_output_stays_without`*
//! 9. **Importer meets exporter.** The program computes both sides of trade from the original T and
//!    writes the exporters' over the importers'; the paper does not say. Done so here. With
//!    `missing_rule = "keep"` an entry without a rule for exporters keeps what the importer made of
//!    it. *`the_export_side_overwrites_the_import_side`*
//!
//! # Constraints
//!
//! 10. **One per cent.** The paper rescales every column to its sum; the program only those more
//!     than 1 % away, so sums may end up to 1 % off. Here as in the program
//!     ([`RESCALING_TOLERANCE`]), relative to the sum aimed at; no option.
//!     *`columns_are_rescaled_beyond_one_percent`, in [`entry`](super::entry)*
//! 11. **Columns of 0.** A column whose every entry became 0 would be divided by 0. It stays 0: what
//!     the exporter sets aside reaches nobody. *`a_column_of_zero_stays_zero`*
//! 12. **Columns off before.** The program rescales every column once anything adapts. Here only the
//!     columns that adaptation touched: a dataset with others is refused by `dataset check`.
//!     *`only_touched_columns_are_rescaled`*
//! 13. **Shares 0/0.** A sector with no rule for any of its three shares, or whose three shares come
//!     out as 0, divides 0 by 0; the program goes on with NaN. Here it keeps its shares and is
//!     counted (`no_share_rule`; 16 times in a full sweep of the 2020 data). *`shares_of_zero_by_zero`*
//!
//! # Substitution
//!
//! 14. **Several lost items, one substitute.** The paper covers one lost item. The program keeps the
//!     factor of the last one in item order. Options `substitute_conflict = "last"` (default),
//!     `"max"`, `"product"`. *`the_last_lost_item_decides`*
//! 15. **What substitution changes.** Import shares of the substitute, on top of the adapted T, and
//!     only links that exist. *`substitution_makes_no_links`*
//! 16. **Losses counted.** The losses that decide substitution are those of the adapted run after
//!     step 2, not those of step 1. *`a_system_worked_out_by_hand`, in `tests/core/adaptive.rs`*
//!
//! # Results
//!
//! 17. **Overshoot.** Rules and rescaled columns can send production into self-feeding loops (grazing,
//!     live animals): about a tenth of the 2020 shocks end with a net gain. That is the published
//!     model; such scenarios are flagged (`overshoot`), and `output_cap` limits outputs to a multiple
//!     of the baseline's, off by default. *`output_can_be_capped`*
//! 18. **Shocked sectors adapt too.** A sector that fails adapts like any other, but the shock still
//!     removes its share of the adapted output in every step. *`shocked_sectors_adapt_and_stay_shocked`*
//! 19. **Rounding.** The program's rules are stored in single precision, losses in double. Here rules
//!     are read as they stand and everything is computed in double precision; results agree with an
//!     independent implementation to 1e-9. *`food2020_and_golden_results_agree`, in `tests/core/golden.rs`*
//!
//! [`TIE_TOLERANCE`]: crate::model::constants::TIE_TOLERANCE
//! [`RESCALING_TOLERANCE`]: crate::model::constants::RESCALING_TOLERANCE
