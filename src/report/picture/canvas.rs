//! A plain SVG document, built shape by shape.

/// Width and height of a letter of the fonts, as a share of the size: good enough to place text.
const LETTER: f64 = 0.53;

/// Where a text is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Anchor {
    /// At its left end.
    Start,
    /// In the middle.
    Middle,
    /// At its right end.
    End,
}

/// A drawing of fixed size in pixels.
#[derive(Debug, Clone)]
pub struct Canvas {
    width: f64,
    height: f64,
    body: String,
}

/// Ink of a text.
#[derive(Debug, Clone, Copy)]
pub struct Text {
    /// Height of the letters, pixels.
    pub size: f64,
    /// Whether it is bold.
    pub bold: bool,
    /// Colour.
    pub fill: &'static str,
    /// Where it is held.
    pub anchor: Anchor,
}

impl Canvas {
    /// An empty white drawing.
    pub fn new(width: f64, height: f64) -> Self {
        let body = format!(r##"<rect width="{width}" height="{height}" fill="#ffffff"/>"##);
        Canvas { width, height, body }
    }

    /// Width, pixels.
    pub fn width(&self) -> f64 {
        self.width
    }

    /// Width and height, pixels.
    pub fn size(&self) -> [f64; 2] {
        [self.width, self.height]
    }

    /// Adds text at its baseline.
    pub fn text(&mut self, [x, y]: [f64; 2], style: Text, text: &str) {
        self.rotated([x, y], 0.0, style, text);
    }

    /// Adds text that is readable over what lies behind it: in a white halo.
    pub fn haloed(&mut self, [x, y]: [f64; 2], style: Text, text: &str) {
        let before = self.body.len();
        self.text([x, y], style, text);
        let halo = r##"<text stroke="#ffffff" stroke-width="3" stroke-linejoin="round" paint-order="stroke""##;
        self.body.replace_range(before..before + "<text".len(), halo);
    }

    /// Adds text turned clockwise by so many degrees.
    pub fn rotated(&mut self, [x, y]: [f64; 2], degrees: f64, style: Text, text: &str) {
        let anchor = match style.anchor {
            Anchor::Start => "start",
            Anchor::Middle => "middle",
            Anchor::End => "end",
        };
        let weight = if style.bold { r#" font-weight="700""# } else { "" };
        let turn = match degrees {
            0.0 => String::new(),
            _ => format!(r#" transform="rotate({degrees} {x:.2} {y:.2})""#),
        };
        self.body += &format!(
            r#"<text x="{x:.2}" y="{y:.2}" font-family="Roboto, Helvetica, Arial, sans-serif" font-size="{}"{weight} fill="{}" text-anchor="{anchor}"{turn}>{}</text>"#,
            style.size,
            style.fill,
            escaped(text)
        );
    }

    /// Adds a rectangle.
    pub fn rect(&mut self, [x, y]: [f64; 2], [width, height]: [f64; 2], fill: &str) {
        self.body += &format!(
            r#"<rect x="{x:.2}" y="{y:.2}" width="{:.2}" height="{:.2}" fill="{fill}"/>"#,
            width.max(0.0),
            height.max(0.0)
        );
    }

    /// Adds a circle with a rim.
    pub fn circle(&mut self, [x, y]: [f64; 2], radius: f64, fill: &str, rim: (&str, f64)) {
        self.body += &format!(
            r#"<circle cx="{x:.2}" cy="{y:.2}" r="{radius:.2}" fill="{fill}" stroke="{}" stroke-width="{}"/>"#,
            rim.0, rim.1
        );
    }

    /// Adds a line through points; `dashes` as SVG has them, or empty.
    pub fn line(&mut self, points: &[[f64; 2]], stroke: &str, width: f64, dashes: &str) {
        let dashes = match dashes {
            "" => String::new(),
            dashes => format!(r#" stroke-dasharray="{dashes}""#),
        };
        self.body += &format!(
            r#"<polyline points="{}" fill="none" stroke="{stroke}" stroke-width="{width}" stroke-linejoin="round"{dashes}/>"#,
            joined(points)
        );
    }

    /// Adds a filled polygon with a rim.
    pub fn polygon(&mut self, points: &[[f64; 2]], fill: &str, rim: (&str, f64)) {
        self.body += &format!(
            r#"<polygon points="{}" fill="{fill}" stroke="{}" stroke-width="{}"/>"#,
            joined(points),
            rim.0,
            rim.1
        );
    }

    /// Draws another drawing at a place, cut to its size.
    pub fn place(&mut self, [x, y]: [f64; 2], name: &str, other: &Canvas) {
        let (width, height) = (other.width, other.height);
        self.body += &format!(
            r#"<clipPath id="{name}"><rect width="{width}" height="{height}"/></clipPath><g transform="translate({x} {y})"><g clip-path="url(#{name})">{}</g></g>"#,
            other.body
        );
    }

    /// The document.
    pub fn svg(&self) -> String {
        let Canvas { width, height, body } = self;
        format!(
            r#"<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}">{body}</svg>"#
        )
    }
}

fn joined(points: &[[f64; 2]]) -> String {
    points.iter().map(|[x, y]| format!("{x:.2},{y:.2}")).collect::<Vec<_>>().join(" ")
}

/// Text that means itself in XML; control characters, which XML cannot hold, become spaces.
pub fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => safe += "&amp;",
            '<' => safe += "&lt;",
            '>' => safe += "&gt;",
            '"' => safe += "&quot;",
            '\'' => safe += "&#39;",
            c if c.is_control() || c == '\u{fffe}' || c == '\u{ffff}' => safe.push(' '),
            c => safe.push(c),
        }
    }
    safe
}

/// About the width of a text, pixels.
pub fn width_of(text: &str, size: f64) -> f64 {
    text.chars().count() as f64 * size * LETTER
}

/// A text cut to a width in pixels.
pub fn cut(text: &str, size: f64, width: f64) -> String {
    let most = (width / (size * LETTER)).max(3.0) as usize;
    if text.chars().count() <= most {
        return text.to_string();
    }
    let kept: String = text.chars().take(most - 1).collect();
    format!("{}…", kept.trim_end())
}

/// A text broken into lines of a width in pixels.
pub fn lines(text: &str, size: f64, width: f64) -> Vec<String> {
    let most = (width / (size * LETTER)).max(8.0) as usize;
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let last = lines.len() - 1;
        let line = &mut lines[last];
        if !line.is_empty() && line.chars().count() + 1 + word.chars().count() > most {
            lines.push(word.to_string());
        } else {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_mean_themselves() {
        assert_eq!(escaped("<b a=\"1\">&'\n\u{1}"), "&lt;b a=&quot;1&quot;&gt;&amp;&#39;  ");
        assert_eq!(cut("Sunflowerseed Oil", 10.0, 40.0), "Sunflo…");
        assert_eq!(lines("one two three", 10.0, 45.0), ["one two", "three"]);
    }
}
