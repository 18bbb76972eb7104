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

/// A progress bar with rate and time left.
struct Bar(ProgressBar);

impl Bar {
    fn new() -> Self {
        let bar = ProgressBar::new(0);
        let style =
            "{spinner} {msg} [{bar:40}] {human_pos}/{human_len} scenarios, {per_sec}, {eta} left";
        // The template is fixed and valid; should it ever not be, the default style will do.
        if let Ok(style) = ProgressStyle::with_template(style) {
            bar.set_style(style.progress_chars("=> "));
        }
        Bar(bar)
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
        self.0.set_length(total as u64);
        self.0.set_message("computing");
    }

    fn advance(&self, done: usize) {
        self.0.inc(done as u64);
    }

    fn writing(&self) {
        self.0.set_message("writing");
    }

    fn note(&self, text: &str) {
        self.0.suspend(|| say(&format!("note: {text}")));
    }
}

impl Reporter for Bar {
    fn end(&self) {
        self.0.finish_and_clear();
    }
}

/// Where a run stands.
struct Standing {
    started: Instant,
    said: Instant,
    total: usize,
    of: usize,
    done: usize,
    parts: [usize; 2],
}

/// Lines, one every few seconds.
struct Lines {
    json: bool,
    standing: Mutex<Standing>,
}

impl Lines {
    fn new(json: bool) -> Self {
        let started = Instant::now();
        let standing = Standing { started, said: started, total: 0, of: 0, done: 0, parts: [0; 2] };
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
            (s.started, s.total, s.of) = (Instant::now(), total, of);
        });
    }

    fn advance(&self, done: usize) {
        self.change("progress", false, |s| s.done += done);
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

/// Scenarios per second so far, and seconds left; none before there are any.
fn rate(standing: &Standing) -> Option<(f64, f64)> {
    let seconds = standing.started.elapsed().as_secs_f64();
    let rate = standing.done as f64 / seconds;
    let left = standing.total.saturating_sub(standing.done) as f64;
    (standing.done > 0 && seconds > 0.0).then_some((rate, left / rate))
}

fn plain(standing: &Standing) -> String {
    let before = standing.of - standing.total;
    let mut text = format!("{} of {} scenarios", whole(before + standing.done), whole(standing.of));
    if let Some((rate, left)) = rate(standing) {
        text += &format!(", {} per second, {} left", whole(rate as usize), duration(left));
    }
    if standing.parts[1] > 0 {
        let [parts, of] = standing.parts;
        text += &format!("; {} of {} parts on the disk", whole(parts), whole(of));
    }
    text
}

fn json(event: &str, standing: &Standing) -> String {
    let rate = rate(standing);
    let before = standing.of - standing.total;
    serde_json::json!({
        "event": event,
        "unix_s": now(),
        "done": before + standing.done,
        "total": standing.of,
        "per_second": rate.map(|r| r.0),
        "eta_s": rate.map(|r| r.1),
        "parts": standing.parts[0],
        "parts_total": standing.parts[1],
    })
    .to_string()
}
