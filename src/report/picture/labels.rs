//! Names beside circles, where they cover neither each other nor another circle.

use super::canvas::{Anchor, width_of};

/// Circles smaller than this may lie behind a name: a halo keeps it readable.
const SMALL: f64 = 4.5;
/// Between a circle and its name, pixels.
const GAP: f64 = 4.0;

/// A circle: middle and radius.
pub type Circle = ([f64; 2], f64);

/// Left, top, right, bottom.
type Frame = [f64; 4];

/// Names placed so far.
#[derive(Debug, Default)]
pub struct Labels {
    taken: Vec<Frame>,
}

impl Labels {
    /// Where the name of the circle `own` goes: its baseline and anchor; `None` where there is no room
    /// to the right, left, above or below within `bounds`.
    pub fn place(
        &mut self,
        circles: &[Circle],
        own: usize,
        (text, size): (&str, f64),
        bounds: Frame,
    ) -> Option<([f64; 2], Anchor)> {
        let ([x, y], radius) = circles[own];
        let width = width_of(text, size);
        let away = radius + GAP;
        let places = [
            ([x + away, y + 0.35 * size], Anchor::Start),
            ([x - away, y + 0.35 * size], Anchor::End),
            ([x, y - away], Anchor::Middle),
            ([x, y + away + 0.75 * size], Anchor::Middle),
        ];
        let (frame, found) = places
            .map(|(at, anchor)| (frame(at, anchor, width, size), (at, anchor)))
            .into_iter()
            .find(|(frame, _)| self.is_free(circles, own, *frame, bounds))?;
        self.taken.push(frame);
        Some(found)
    }

    fn is_free(&self, circles: &[Circle], own: usize, frame: Frame, bounds: Frame) -> bool {
        let [left, top, right, bottom] = frame;
        let is_within =
            left >= bounds[0] && top >= bounds[1] && right <= bounds[2] && bottom <= bounds[3];
        let meets = |other: &Frame| {
            left < other[2] && other[0] < right && top < other[3] && other[1] < bottom
        };
        let covers = |&([x, y], radius): &Circle| {
            let (dx, dy) = (x - x.clamp(left, right), y - y.clamp(top, bottom));
            radius >= SMALL && dx * dx + dy * dy < radius * radius
        };
        is_within
            && !self.taken.iter().any(meets)
            && !circles.iter().enumerate().any(|(at, circle)| at != own && covers(circle))
    }
}

fn frame([x, y]: [f64; 2], anchor: Anchor, width: f64, size: f64) -> Frame {
    let left = match anchor {
        Anchor::Start => x,
        Anchor::Middle => x - width / 2.0,
        Anchor::End => x - width,
    };
    [left, y - 0.8 * size, left + width, y + 0.25 * size]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_go_where_there_is_room() {
        let bounds = [0.0, 0.0, 400.0, 200.0];
        // Two large circles side by side: the left one's name cannot go to the right.
        let circles = [([150.0, 100.0], 20.0), ([195.0, 100.0], 20.0), ([5.0, 5.0], 3.0)];
        let mut labels = Labels::default();
        let (at, anchor) = labels.place(&circles, 0, ("Magnets", 12.0), bounds).unwrap();
        assert_eq!((at[0], anchor), (126.0, Anchor::End));
        let (at, anchor) = labels.place(&circles, 1, ("Magnets", 12.0), bounds).unwrap();
        assert_eq!((at[0], anchor), (219.0, Anchor::Start));
        // A second name in the same place goes elsewhere, a third nowhere.
        assert_eq!(labels.place(&circles, 1, ("Magnets", 12.0), bounds).unwrap().1, Anchor::Middle);
        let long = "x".repeat(200);
        assert_eq!(labels.place(&circles, 2, (&long, 12.0), bounds), None);
    }
}
