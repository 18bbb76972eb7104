//! Turns drawings into files.

use std::sync::Arc;

use resvg::usvg::fontdb::Database;
use resvg::{tiny_skia, usvg};

use super::{Picture, PictureError};

/// Fonts of the pictures; see `fonts/README.md`.
const FONTS: [&[u8]; 2] =
    [include_bytes!("fonts/Roboto-Regular.ttf"), include_bytes!("fonts/Roboto-Bold.ttf")];

impl Picture {
    /// An SVG document whose letters are outlines: it looks the same everywhere.
    ///
    /// # Errors
    /// A fault of the program.
    pub fn svg(&self) -> Result<String, PictureError> {
        let options = usvg::WriteOptions { indent: usvg::Indent::None, ..Default::default() };
        let svg = self.tree()?.to_string(&options);
        Ok(self.with_words(&svg))
    }

    /// A PNG image, so many pixels wide.
    ///
    /// # Errors
    /// A fault of the program.
    pub fn png(&self, width: u32) -> Result<Vec<u8>, PictureError> {
        let tree = self.tree()?;
        let scale = width as f32 / tree.size().width();
        let height = (tree.size().height() * scale).ceil() as u32;
        let mut image = tiny_skia::Pixmap::new(width, height)
            .ok_or_else(|| PictureError::Render(format!("no room for {width} x {height}")))?;
        resvg::render(&tree, tiny_skia::Transform::from_scale(scale, scale), &mut image.as_mut());
        image.encode_png().map_err(|e| PictureError::Render(e.to_string()))
    }

    /// A PDF document of one page of the picture's size, whose letters are outlines.
    ///
    /// # Errors
    /// A fault of the program.
    pub fn pdf(&self) -> Result<Vec<u8>, PictureError> {
        super::pdf::document(&self.tree()?, &self.title)
    }

    fn tree(&self) -> Result<usvg::Tree, PictureError> {
        let mut fonts = Database::new();
        FONTS.iter().for_each(|font| fonts.load_font_data(font.to_vec()));
        let options = usvg::Options {
            fontdb: Arc::new(fonts),
            font_family: "Roboto".to_string(),
            ..usvg::Options::default()
        };
        usvg::Tree::from_str(&self.canvas.svg(), &options)
            .map_err(|e| PictureError::Render(e.to_string()))
    }
}
