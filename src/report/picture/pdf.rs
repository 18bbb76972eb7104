//! A drawing as a page of PDF, its letters as outlines like those of the SVG.
//!
//! Only what drawings are made of is written: paths in plain colours, groups that move or cut what they hold.
//! The page bears no date, so that one picture is one sequence of bytes.

use pdf_writer::types::{LineCapStyle, LineJoinStyle};
use pdf_writer::{Content, Filter, Finish, Pdf, Rect, Ref, TextStr};
use resvg::tiny_skia::{Path, PathSegment, Transform};
use resvg::usvg::{
    self, ClipPath, Fill, FillRule, Group, LineCap, LineJoin, Node, PaintOrder, Stroke,
};

use super::PictureError;

/// Points of paper per pixel, as browsers print.
const POINTS: f32 = 0.75;

/// A document of one page of the drawing's size.
///
/// # Errors
/// The drawing has something that is not written here.
pub(super) fn document(tree: &usvg::Tree, title: &str) -> Result<Vec<u8>, PictureError> {
    let (width, height) = (tree.size().width(), tree.size().height());
    let mut content = Content::new();
    // Pixels count from the top, points from the bottom.
    content.transform([POINTS, 0.0, 0.0, -POINTS, 0.0, height * POINTS]);
    group(&mut content, tree.root())?;
    let drawn = compressed(&content.finish())?;

    let [catalog, pages, page, contents, info] = [1, 2, 3, 4, 5].map(Ref::new);
    let mut pdf = Pdf::new();
    pdf.catalog(catalog).pages(pages);
    pdf.pages(pages).kids([page]).count(1);
    let mut first = pdf.page(page);
    first.parent(pages).contents(contents);
    first.media_box(Rect::new(0.0, 0.0, width * POINTS, height * POINTS));
    first.resources();
    first.finish();
    pdf.stream(contents, &drawn).filter(Filter::FlateDecode);
    pdf.document_info(info).title(TextStr(title)).creator(TextStr("shocksweep"));
    Ok(pdf.finish())
}

fn compressed(content: &[u8]) -> Result<Vec<u8>, PictureError> {
    use std::io::Write;
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
    let written = encoder.write_all(content).and_then(|()| encoder.finish());
    written.map_err(|error| PictureError::Render(error.to_string()))
}

fn unknown(what: &str) -> PictureError {
    PictureError::Render(format!("a drawing with {what} is not written as PDF"))
}

fn group(content: &mut Content, of: &Group) -> Result<(), PictureError> {
    if of.opacity().get() < 1.0 || of.mask().is_some() || !of.filters().is_empty() {
        return Err(unknown("groups that are seen through"));
    }
    content.save_state();
    content.transform(matrix(of.transform()));
    if let Some(clip) = of.clip_path() {
        cut(content, clip)?;
    }
    for child in of.children() {
        match child {
            Node::Group(child) => group(content, child)?,
            Node::Path(child) if child.is_visible() => path(content, child)?,
            Node::Path(_) => {}
            Node::Text(child) => group(content, child.flattened())?,
            Node::Image(_) => return Err(unknown("images")),
        }
    }
    content.restore_state();
    Ok(())
}

/// What follows is seen inside a shape alone.
fn cut(content: &mut Content, clip: &ClipPath) -> Result<(), PictureError> {
    let [Node::Path(shape)] = clip.root().children() else {
        return Err(unknown("cuts of several shapes"));
    };
    if clip.clip_path().is_some() || clip.root().clip_path().is_some() {
        return Err(unknown("cuts that are cut"));
    }
    let to_group = clip.transform().pre_concat(clip.root().transform());
    let Some(outline) = shape.data().clone().transform(to_group) else {
        return Err(unknown("cuts without extent"));
    };
    trace(content, &outline);
    content.clip_nonzero().end_path();
    Ok(())
}

fn path(content: &mut Content, of: &usvg::Path) -> Result<(), PictureError> {
    if let Some(fill) = of.fill() {
        let [r, g, b] = colour(fill.paint(), fill.opacity().get())?;
        content.set_fill_rgb(r, g, b);
    }
    if let Some(stroke) = of.stroke() {
        pen(content, stroke)?;
    }
    let paints: [&dyn Fn(&mut Content); 2] = [
        &|content| {
            if let Some(fill) = of.fill() {
                trace(content, of.data());
                filled(content, fill);
            }
        },
        &|content| {
            if of.stroke().is_some() {
                trace(content, of.data());
                content.stroke();
            }
        },
    ];
    let order = match of.paint_order() {
        PaintOrder::FillAndStroke => [0, 1],
        PaintOrder::StrokeAndFill => [1, 0],
    };
    order.into_iter().for_each(|which| paints[which](content));
    Ok(())
}

fn filled(content: &mut Content, fill: &Fill) {
    match fill.rule() {
        FillRule::NonZero => content.fill_nonzero(),
        FillRule::EvenOdd => content.fill_even_odd(),
    };
}

fn pen(content: &mut Content, stroke: &Stroke) -> Result<(), PictureError> {
    let [r, g, b] = colour(stroke.paint(), stroke.opacity().get())?;
    content.set_stroke_rgb(r, g, b).set_line_width(stroke.width().get());
    content.set_line_cap(match stroke.linecap() {
        LineCap::Butt => LineCapStyle::ButtCap,
        LineCap::Round => LineCapStyle::RoundCap,
        LineCap::Square => LineCapStyle::ProjectingSquareCap,
    });
    content.set_line_join(match stroke.linejoin() {
        LineJoin::Miter | LineJoin::MiterClip => LineJoinStyle::MiterJoin,
        LineJoin::Round => LineJoinStyle::RoundJoin,
        LineJoin::Bevel => LineJoinStyle::BevelJoin,
    });
    content.set_miter_limit(stroke.miterlimit().get());
    let dashes = stroke.dasharray().unwrap_or(&[]);
    content.set_dash_pattern(dashes.iter().copied(), stroke.dashoffset());
    Ok(())
}

fn colour(paint: &usvg::Paint, opacity: f32) -> Result<[f32; 3], PictureError> {
    match paint {
        usvg::Paint::Color(colour) if opacity == 1.0 => {
            Ok([colour.red, colour.green, colour.blue].map(|part| f32::from(part) / 255.0))
        }
        usvg::Paint::Color(_) => Err(unknown("colours that are seen through")),
        _ => Err(unknown("shades or patterns")),
    }
}

fn trace(content: &mut Content, path: &Path) {
    let mut at = [0.0; 2];
    let towards = |from: [f32; 2], to: [f32; 2]| {
        [0, 1].map(|axis| from[axis] + 2.0 / 3.0 * (to[axis] - from[axis]))
    };
    for segment in path.segments() {
        match segment {
            PathSegment::MoveTo(p) => {
                content.move_to(p.x, p.y);
                at = [p.x, p.y];
            }
            PathSegment::LineTo(p) => {
                content.line_to(p.x, p.y);
                at = [p.x, p.y];
            }
            // PDF knows cubic curves alone; this one is the same curve.
            PathSegment::QuadTo(c, p) => {
                let [a, b] = [at, [p.x, p.y]].map(|end| towards(end, [c.x, c.y]));
                content.cubic_to(a[0], a[1], b[0], b[1], p.x, p.y);
                at = [p.x, p.y];
            }
            PathSegment::CubicTo(a, b, p) => {
                content.cubic_to(a.x, a.y, b.x, b.y, p.x, p.y);
                at = [p.x, p.y];
            }
            PathSegment::Close => {
                content.close_path();
            }
        }
    }
}

fn matrix(of: Transform) -> [f32; 6] {
    [of.sx, of.ky, of.kx, of.sy, of.tx, of.ty]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(body: &str) -> usvg::Tree {
        let svg = format!(
            r#"<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20">{body}</svg>"#
        );
        usvg::Tree::from_str(&svg, &usvg::Options::default()).unwrap()
    }

    #[test]
    fn a_page_has_the_size_of_the_drawing_and_every_shape_of_it() {
        let mut content = Content::new();
        let drawing = tree(
            r##"<rect x="1" y="2" width="3" height="4" fill="#ff0000"/>
            <path d="M 0 0 Q 3 6 6 0" fill="none" stroke="#0000ff" stroke-width="2"/>"##,
        );
        group(&mut content, drawing.root()).unwrap();
        let said = String::from_utf8(content.finish().to_vec()).unwrap();
        for line in ["1 0 0 rg", "1 2 m", "4 2 l", "0 0 1 RG", "2 w", "2 4 4 4 6 0 c", "S"] {
            assert!(said.lines().any(|found| found == line), "{line} is missing:\n{said}");
        }
        let page = document(&drawing, "A finding").unwrap();
        let text = String::from_utf8_lossy(&page);
        assert!(text.starts_with("%PDF-1.") && text.contains("/MediaBox [0 0 30 15]"), "{text}");
        assert!(text.contains("(A finding)"), "{text}");
        assert_eq!(document(&drawing, "A finding").unwrap(), page);
    }

    #[test]
    fn what_cannot_be_written_is_refused() {
        for body in [
            r##"<rect width="3" height="4" fill="#ff0000" fill-opacity="0.5"/>"##,
            r##"<g opacity="0.5"><rect width="3" height="4"/></g>"##,
            r##"<linearGradient id="g"><stop offset="0" stop-color="red"/><stop offset="1" stop-color="blue"/></linearGradient><rect width="3" height="4" fill="url(#g)"/>"##,
        ] {
            assert!(document(&tree(body), "").is_err(), "{body}");
        }
    }
}
