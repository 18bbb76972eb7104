//! Progress on a terminal: a bar with rate and time left; nothing where nobody watches.

use indicatif::{ProgressBar, ProgressStyle};

use crate::sweep::Progress;

/// A progress bar on standard error; hidden when that is not a terminal.
pub struct Bar(ProgressBar);

impl Bar {
    /// A bar that shows nothing yet.
    pub fn new() -> Self {
        let bar = ProgressBar::new(0);
        let style =
            "{spinner} {msg} [{bar:40}] {human_pos}/{human_len} scenarios, {per_sec}, {eta} left";
        // The template is fixed and valid; should it ever not be, the default style will do.
        if let Ok(style) = ProgressStyle::with_template(style) {
            bar.set_style(style.progress_chars("=> "));
        }
        Bar(bar)
    }

    /// Takes the bar off the screen.
    pub fn clear(&self) {
        self.0.finish_and_clear();
    }
}

impl Default for Bar {
    fn default() -> Self {
        Self::new()
    }
}

impl Progress for Bar {
    fn start(&self, total: usize) {
        self.0.set_length(total as u64);
        self.0.set_message("computing");
    }

    fn advance(&self, done: usize) {
        self.0.inc(done as u64);
    }

    fn writing(&self) {
        self.0.set_message("writing");
    }
}
