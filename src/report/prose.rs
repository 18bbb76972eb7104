//! The last thing done to a text before people read it, on a terminal or in a notebook.

use shocksweep_columnar::visible;

use super::fit::{terminal_width, wrapped};

/// The text as people are shown it: sentences wider than the terminal are broken at blanks, and what would
/// steer the terminal, a name of somebody else's data perhaps, is written out.
pub fn shown(text: &str) -> String {
    let text = visible(text);
    terminal_width().map(|width| broken(&text, width)).unwrap_or(text)
}

/// The text with its sentences in lines of at most `width`; tables, which fit by themselves, and lines that
/// are set in, such as commands to copy, stay as they are.
fn broken(text: &str, width: usize) -> String {
    let line = |line: &str| match line.starts_with([' ', '─', '|']) {
        true => line.to_string(),
        false if line.starts_with("- ") => wrapped(line, width, "  "),
        false => wrapped(line, width, ""),
    };
    text.split('\n').map(line).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_are_broken_and_nothing_else() {
        let table =
            format!("  area {:60}   loss\n{}\n  A    {:60}      1\n", "", "─".repeat(74), "");
        let command = format!("  shocksweep report {}\n", "results/a ".repeat(10));
        let sentence =
            "The worst of all failures is that of wheat in an area of which nobody knows.";
        let text = format!("{sentence}\n\n{table}\nNext:\n{command}- {sentence}\n");
        let said = broken(&text, 40);
        assert!(said.contains(&table) && said.contains(&command), "{said}");
        let words = |text: &str| text.split_whitespace().map(String::from).collect::<Vec<_>>();
        assert_eq!(words(&said), words(&text));
        let prose = said.lines().filter(|line| !table.contains(line) && !command.contains(line));
        let prose: Vec<&str> = prose.collect();
        assert!(prose.len() >= 5 && prose.iter().all(|line| line.chars().count() <= 40), "{said}");
        let list = said.rsplit("\n- ").next().unwrap_or("");
        let set_in = list.lines().skip(1).filter(|line| line.starts_with("  ")).count();
        assert!(set_in > 0 && set_in + 1 == list.lines().count(), "{said}");
        assert_eq!(broken(&text, 1_000), text);
    }
}
