//! A result as one page that needs nothing else, not even scripts.

use std::fmt::Write;

use shocksweep_networks::job::Stored;
use shocksweep_networks::reading::{PAPER_NOTES, layouts};

use super::markup::plain;
use super::picture::{Choice, NetworkFigure, draw};
use super::{about, cautions, effects, goodness, html};
use crate::report::html::STYLE;

/// What the styles of reports lack for pictures and tables of estimates.
const OWN: &str = "
figure { margin: 0 0 1.2rem; } figure svg { max-width: 100%; height: auto; border-radius: 6px; }
svg text { font-family: system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif; }
table.estimates { font-size: .8rem; } table.estimates td { white-space: nowrap; text-align: right; }
table.estimates th.section { font-style: italic; padding-top: .7rem; }
table.estimates caption { text-align: left; font-weight: 600; padding: .4rem 0; }
table.estimates sup { min-width: 1.4em; display: inline-block; text-align: left; }
pre { overflow-x: auto; font-size: .78rem; }
";

/// Sections: title, what stands above, pictures.
struct Section {
    id: &'static str,
    title: &'static str,
    lead: &'static str,
    body: String,
}

/// The page of a result.
pub fn page(stored: &Stored) -> String {
    let sections =
        [networks(stored), geopolitics(stored), trade(stored), models(stored), fits(stored)];
    let sections: Vec<Section> =
        sections.into_iter().filter(|section| !section.body.is_empty()).collect();
    let mut page =
        String::from("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
    page += "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n";
    page += "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src \
             'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'\">\n";
    // Writing to a string cannot fail.
    let _ = writeln!(
        page,
        "<title>shocksweep network</title>\n<style>{STYLE}{OWN}</style>\n</head>\n<body>"
    );
    let _ = write!(
        page,
        "<header><div class=\"bar\"><p class=\"brand\">shocksweep network</p><nav aria-label=\"Sections\">"
    );
    for section in &sections {
        let _ = write!(page, "<a href=\"#{}\">{}</a>", section.id, section.title);
    }
    let _ = writeln!(page, "</nav></div><h1>Who depends on whom, and what changes it?</h1>");
    let _ = writeln!(page, "<p>{}</p></header>\n<main>", plain(&about(&stored.about)));
    for Section { id, title, lead, body } in sections {
        let _ = writeln!(
            page,
            "<section id=\"{id}\"><h2>{title}</h2>\n<p class=\"lead\">{lead}</p>\n{body}</section>"
        );
    }
    let _ = writeln!(
        page,
        "</main>\n<footer><p>{}. Country outlines: made with Natural Earth (public domain).</p></footer>\n</body>\n</html>",
        plain(&stored.about.made_by)
    );
    page
}

/// A picture as a figure; nothing where the result does not have it.
fn figure(stored: &Stored, kind: NetworkFigure, choice: &Choice, nth: &mut usize) -> String {
    *nth += 1;
    match draw(stored, kind, choice) {
        Ok(picture) => {
            format!("<figure>{}</figure>\n", picture.inline(&format!("p{nth}-{kind:?}")))
        }
        Err(_) => String::new(),
    }
}

fn of(network: &str) -> Choice {
    Choice { network: Some(network.to_string()), ..Choice::default() }
}

fn networks(stored: &Stored) -> Section {
    let mut nth = 0;
    let mut body = figure(stored, NetworkFigure::Evolution, &Choice::default(), &mut nth);
    for tier in &stored.about.tiers {
        body += &figure(stored, NetworkFigure::Diagram, &of(tier), &mut nth);
    }
    let lead = "An importer depends on an exporter where it buys from it; a tie's weight is how much more \
                than expected.";
    Section { id: "networks", title: "Dependency networks", lead, body }
}

fn geopolitics(stored: &Stored) -> Section {
    let mut nth = 100;
    let mut body = String::new();
    for relation in ["coop", "conf"] {
        body += &figure(stored, NetworkFigure::Map, &of(relation), &mut nth);
        body += &figure(stored, NetworkFigure::Ranks, &of(relation), &mut nth);
    }
    let lead = "Events between governments: half a verbal one, a whole material one.";
    Section { id: "geopolitics", title: "Cooperation and conflict", lead, body }
}

fn trade(stored: &Stored) -> Section {
    let mut nth = 200;
    let mut body = String::new();
    for tier in &stored.about.tiers {
        for kind in [NetworkFigure::Chord, NetworkFigure::Flows, NetworkFigure::Sankey] {
            body += &figure(stored, kind, &of(tier), &mut nth);
        }
    }
    Section { id: "trade", title: "Trade", lead: "The last year of every tier.", body }
}

fn models(stored: &Stored) -> Section {
    let mut nth = 300;
    let found = layouts(&stored.mple, &stored.fits);
    let mut body = String::new();
    if !found.is_empty() {
        body += &figure(stored, NetworkFigure::Coefficients, &Choice::default(), &mut nth);
        let _ = writeln!(body, "<div class=\"scroll\">{}</div>", html(&found));
        let warnings = cautions(&stored.fits);
        for warning in warnings.lines() {
            let _ = writeln!(body, "<p class=\"warning\">{}</p>", plain(warning));
        }
        let _ = writeln!(
            body,
            "<details><summary>Odds ratios and marginal effects</summary><pre>{}</pre></details>",
            plain(&effects(&stored.mple))
        );
        let notes: String =
            PAPER_NOTES.iter().map(|note| format!("<li>{}</li>", plain(note))).collect();
        let _ = writeln!(
            body,
            "<details><summary>Where the printed numbers of Liu et al. 2025 do not fit together</summary>\
             <ul>{notes}</ul></details>"
        );
    }
    let lead = "Temporal exponential random graph models: how the odds of a tie change with each term, \
                given the network of the year before. Brackets are 95 % bootstrap intervals over steps.";
    Section { id: "models", title: "What ties follow", lead, body }
}

fn fits(stored: &Stored) -> Section {
    let mut nth = 400;
    let mut body = String::new();
    for tier in &stored.about.tiers {
        body += &figure(stored, NetworkFigure::Gof, &of(tier), &mut nth);
        body += &figure(stored, NetworkFigure::Roc, &of(tier), &mut nth);
    }
    let table = goodness(&stored.fits);
    if !table.is_empty() {
        let _ = writeln!(body, "<pre>{}</pre>", plain(table.trim()));
    }
    let lead = "Networks drawn from the fitted models beside the observed ones; a model need not reproduce \
                its own statistics.";
    Section { id: "fit", title: "How far to trust it", lead, body }
}
