//! How a run tells that it goes on: a bar on a terminal, lines of text or JSON elsewhere.

use std::io::IsTerminal;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

use super::say::say;
use crate::report::{duration, whole};
use crate::sink::parquet_folder::now;
use crate::sweep::Progress;

/// Form of the reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Log {
    /// A bar on a terminal, lines of text elsewhere.
    Auto,
    /// Lines of text.
    Plain,
    /// One JSON object per line, for schedulers.
    Json,
}

/// Time between two lines.
const EVERY: Duration = Duration::from_secs(10);

/// Reports on standard error in the form asked for.
pub fn reporter(log: Log) -> Box<dyn Reporter> {
    match log {
        Log::Auto if std::io::stderr().is_terminal() => Box::new(Bar::new()),
        Log::Auto | Log::Plain => Box::new(Lines::new(false)),
        Log::Json => Box::new(Lines::new(true)),
    }
}

/// A report that ends.
pub trait Reporter: Progress {
    /// Takes it off the screen.
    fn end(&self) {}
}

/// Share of the work after which the rest is foretold: the first batches are not like the others.
const FORETOLD_FROM: f64 = 0.02;

/// A progress bar with rate and time left.
struct Bar {
    bar: ProgressBar,
    pace: Mutex<Pace>,
}

/// How fast the work goes since its first report: what was prepared before is done once.
#[derive(Debug, Clone, Copy, Default)]
struct Pace {
    first: Option<(Instant, usize)>,
    done: usize,
}

impl Pace {
    fn advance(&mut self, done: usize) {
        self.done += done;
        self.first.get_or_insert((Instant::now(), self.done));
    }

    /// Scenarios per second, and seconds that the rest of `total` takes; none before there is anything
    /// to go by.
    fn rate(&self, total: usize) -> Option<(f64, f64)> {
        let (since, before) = self.first?;
        self.rate_after(since.elapsed().as_secs_f64(), before, total)
    }

    fn rate_after(&self, seconds: f64, before: usize, total: usize) -> Option<(f64, f64)> {
        let done = self.done.saturating_sub(before);
        let rate = done as f64 / seconds;
        let is_known =
            done > 0 && seconds > 0.0 && self.done as f64 >= FORETOLD_FROM * total as f64;
        is_known.then(|| (rate, total.saturating_sub(self.done) as f64 / rate))
    }
}

impl Bar {
    fn new() -> Self {
        let bar = ProgressBar::new(0);
        let style = "{spinner} {prefix} [{bar:40}] {human_pos}/{human_len} scenarios{msg}";
        // The template is fixed and valid; should it ever not be, the default style will do.
        if let Ok(style) = ProgressStyle::with_template(style) {
            bar.set_style(style.progress_chars("=> "));
        }
        Bar { bar, pace: Mutex::default() }
    }
}

impl Progress for Bar {
    fn start(&self, total: usize, of: usize) {
        if total < of {
            self.note(&format!(
                "{} of {} scenarios are done already",
                whole(of - total),
                whole(of)
            ));
        }
        self.bar.set_length(total as u64);
        self.bar.set_prefix("computing");
    }

    fn advance(&self, done: usize) {
        self.bar.inc(done as u64);
        let mut pace = self.pace.lock().unwrap_or_else(|p| p.into_inner());
        pace.advance(done);
        let total = self.bar.length().unwrap_or(0) as usize;
        if let Some((rate, left)) = pace.rate(total) {
            let rate = whole(rate as usize);
            self.bar.set_message(format!(", {rate} per second, {} left", duration(left)));
        }
        self.bar.set_prefix("computing");
    }

    fn writing(&self) {
        self.bar.set_prefix("writing");
    }

    fn note(&self, text: &str) {
        self.bar.suspend(|| say(&format!("note: {text}")));
    }
}

impl Reporter for Bar {
    fn end(&self) {
        self.bar.finish_and_clear();
    }
}

/// Where a run stands.
struct Standing {
    said: Instant,
    total: usize,
    of: usize,
    pace: Pace,
    parts: [usize; 2],
}

/// Lines, one every few seconds.
struct Lines {
    json: bool,
    standing: Mutex<Standing>,
}

impl Lines {
    fn new(json: bool) -> Self {
        let (said, pace) = (Instant::now(), Pace::default());
        let standing = Standing { said, total: 0, of: 0, pace, parts: [0; 2] };
        Lines { json, standing: Mutex::new(standing) }
    }

    /// Changes the standing and says so if it is time, or if it `must`.
    fn change(&self, event: &str, must: bool, change: impl FnOnce(&mut Standing)) {
        let mut standing = self.standing.lock().unwrap_or_else(|p| p.into_inner());
        change(&mut standing);
        if must || standing.said.elapsed() >= EVERY {
            standing.said = Instant::now();
            say(&if self.json { json(event, &standing) } else { plain(&standing) });
        }
    }
}

impl Progress for Lines {
    fn start(&self, total: usize, of: usize) {
        self.change("start", self.json || total < of, |s| {
            (s.total, s.of) = (total, of);
        });
    }

    fn advance(&self, done: usize) {
        self.change("progress", false, |s| s.pace.advance(done));
    }

    fn committed(&self, parts: usize, of: usize) {
        self.change("committed", self.json, |s| s.parts = [parts, of]);
    }

    fn writing(&self) {
        self.change("writing", self.json, |_| {});
    }

    fn note(&self, text: &str) {
        if self.json {
            let note = serde_json::json!({ "event": "note", "unix_s": now(), "text": text });
            say(&note.to_string());
        } else {
            say(&format!("note: {text}"));
        }
    }
}

impl Reporter for Lines {}

fn plain(standing: &Standing) -> String {
    let before = standing.of - standing.total;
    let mut text =
        format!("{} of {} scenarios", whole(before + standing.pace.done), whole(standing.of));
    if let Some((rate, left)) = standing.pace.rate(standing.total) {
        text += &format!(", {} per second, {} left", whole(rate as usize), duration(left));
    }
    if standing.parts[1] > 0 {
        let [parts, of] = standing.parts;
        text += &format!("; {} of {} parts on the disk", whole(parts), whole(of));
    }
    text
}

fn json(event: &str, standing: &Standing) -> String {
    let rate = standing.pace.rate(standing.total);
    let before = standing.of - standing.total;
    serde_json::json!({
        "event": event,
        "unix_s": now(),
        "done": before + standing.pace.done,
        "total": standing.of,
        "per_second": rate.map(|r| r.0),
        "eta_s": rate.map(|r| r.1),
        "parts": standing.parts[0],
        "parts_total": standing.parts[1],
    })
    .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_is_foretold_by_the_pace_since_the_first_report() {
        let after = |done: usize| Pace { first: None, done };
        // 100 at once after a long preparation, then 900 in nine seconds: 9,000 more take 90.
        assert_eq!(after(1_000).rate_after(9.0, 100, 10_000), Some((100.0, 90.0)));
        // A hundredth of the work foretells nothing, nor does the first report.
        assert_eq!(after(100).rate_after(60.0, 10, 10_000), None);
        assert_eq!(after(5_000).rate_after(1.0, 5_000, 10_000), None);
    }
}
