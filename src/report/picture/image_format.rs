//! Files of pictures.

use std::path::Path;

use super::{Picture, PictureError};

/// A format of files, told by how their names end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImageFormat {
    /// SVG, its letters as outlines.
    Svg,
    /// PNG.
    Png,
    /// PDF, its letters as outlines.
    Pdf,
}

impl ImageFormat {
    /// The format of a file; `None` where its name says none of them.
    pub fn of(path: &Path) -> Option<Self> {
        match path.extension()?.to_str()?.to_lowercase().as_str() {
            "svg" => Some(ImageFormat::Svg),
            "png" => Some(ImageFormat::Png),
            "pdf" => Some(ImageFormat::Pdf),
            _ => None,
        }
    }
}

impl Picture {
    /// The content of a file; `width` is that of a PNG, pixels.
    ///
    /// # Errors
    /// This build draws no pixels, or a fault of the program.
    pub fn bytes(&self, format: ImageFormat, width: u32) -> Result<Vec<u8>, PictureError> {
        match format {
            ImageFormat::Svg => Ok(self.svg()?.into_bytes()),
            ImageFormat::Png => self.png(width),
            ImageFormat::Pdf => self.pdf(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_say_formats() {
        let of = |name: &str| ImageFormat::of(Path::new(name));
        assert_eq!(of("a.b/rice.SVG"), Some(ImageFormat::Svg));
        assert_eq!(of("rice.png"), Some(ImageFormat::Png));
        assert_eq!(of("rice.pdf"), Some(ImageFormat::Pdf));
        assert_eq!((of("rice"), of("rice.jpg"), of(".pdf")), (None, None, None));
    }
}
