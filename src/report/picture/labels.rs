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

/// Where a name goes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LabelPlace {
    /// Baseline.
    pub at: [f64; 2],
    /// How it is held there.
    pub anchor: Anchor,
    /// Line from the circle to a name that stands further away.
    pub leader: Option<[[f64; 2]; 2]>,
}

/// How far to the right, and below or above, a name may stand that has no room beside its circle.
const AWAY: [f64; 6] = [30.0, 60.0, 100.0, 150.0, 210.0, 280.0];
const ASIDE: [f64; 7] = [0.0, -16.0, 16.0, -32.0, 32.0, -48.0, 48.0];

/// Names placed so far.
#[derive(Debug, Default)]
pub struct Labels {
    taken: Vec<Frame>,
}

impl Labels {
    /// Where the name of the circle `own` goes: to the right, left, above or below, else further to the
    /// right with a line; `None` where there is no room within `bounds`.
    pub fn place(
        &mut self,
        circles: &[Circle],
        own: usize,
        (text, size): (&str, f64),
        bounds: Frame,
    ) -> Option<LabelPlace> {
        let ([x, y], radius) = circles[own];
        let width = width_of(text, size);
        let away = radius + GAP;
        let places = [
            ([x + away, y + 0.35 * size], Anchor::Start),
            ([x - away, y + 0.35 * size], Anchor::End),
            ([x, y - away], Anchor::Middle),
            ([x, y + away + 0.75 * size], Anchor::Middle),
        ];
        let near = places.map(|(at, anchor)| LabelPlace { at, anchor, leader: None });
        let far = AWAY.into_iter().flat_map(|dx| {
            ASIDE.map(|dy| {
                let end = [x + radius + dx, y + dy];
                let at = [end[0] + GAP, end[1] + 0.35 * size];
                LabelPlace { at, anchor: Anchor::Start, leader: Some([[x, y], end]) }
            })
        });
        let (frame, found) = near
            .into_iter()
            .chain(far)
            .map(|place| (frame(place.at, place.anchor, width, size), place))
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
        let mut place = |own, text: &str| labels.place(&circles, own, (text, 12.0), bounds);
        let left = place(0, "Magnets").unwrap();
        assert_eq!((left.at[0], left.anchor, left.leader), (126.0, Anchor::End, None));
        let right = place(1, "Magnets").unwrap();
        assert_eq!((right.at[0], right.anchor, right.leader), (219.0, Anchor::Start, None));
        // More names of the same circle go above and below it, then away with a line, then nowhere.
        assert_eq!(place(1, "Magnets").unwrap().anchor, Anchor::Middle);
        assert_eq!(place(1, "Magnets").unwrap().anchor, Anchor::Middle);
        let far = place(1, "Magnets").unwrap();
        assert_eq!(far.leader.unwrap()[0], [195.0, 100.0]);
        assert!(far.at[0] > 219.0);
        let long = "x".repeat(200);
        assert_eq!(place(2, &long), None);
    }
}
