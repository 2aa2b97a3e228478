//! Whether a picture or a paper can be looked at: by how it is built, and not by its first bytes alone. Of what is signed so, the
//! signature is in it (42 CFR 2.31(a)(8)).

use super::Media;
use crate::limits;

impl Media {
    /// Whether a whole file of this type has the parts without which nobody sees anything of it. Of text and lines another looks.
    #[must_use]
    pub fn is_legible(self, bytes: &[u8]) -> bool {
        match self {
            Self::Png => png(bytes).is_some(),
            Self::Jpeg => jpeg(bytes).is_some(),
            Self::Pdf => pdf(bytes),
            Self::Text | Self::Drawing => true,
        }
    }
}

/// The signature; a header with a width and a height; chunks one after the other, pixels among them, up to the end.
fn png(bytes: &[u8]) -> Option<()> {
    let mut rest = bytes.strip_prefix(b"\x89PNG\r\n\x1a\n")?;
    let (mut first, mut pixels) = (true, false);
    loop {
        let (length, after) = rest.split_first_chunk::<4>()?;
        let (kind, after) = after.split_first_chunk::<4>()?;
        let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
        let (body, after) = after.split_at_checked(length)?;
        let (_check, after) = after.split_first_chunk::<4>()?;
        if first {
            let (width, height) = body.split_first_chunk::<4>()?;
            let height = height.first_chunk::<4>()?;
            (kind == b"IHDR" && *width != [0; 4] && *height != [0; 4]).then_some(())?;
        }
        pixels |= kind == b"IDAT" && length > 0;
        if kind == b"IEND" {
            return pixels.then_some(());
        }
        (first, rest) = (false, after);
    }
}

/// The start; segments one after the other, among them a frame with a height and a width, up to the scan; the end after it.
fn jpeg(bytes: &[u8]) -> Option<()> {
    let mut rest = bytes.strip_prefix(b"\xff\xd8")?;
    let mut frame = false;
    loop {
        rest = rest.strip_prefix(b"\xff")?;
        let (marker, after) = rest.split_first()?;
        match marker {
            // A marker may be filled up with bytes like the first.
            0xff => continue,
            0xda => return (frame && after.windows(2).any(|two| two == b"\xff\xd9")).then_some(()),
            _ => {}
        }
        let length = usize::from(u16::from_be_bytes(*after.first_chunk::<2>()?));
        let (segment, after) = after.split_at_checked(length)?;
        // A frame of any kind; the three between them are tables.
        if matches!(marker, 0xc0..=0xcf) && !matches!(marker, 0xc4 | 0xc8 | 0xcc) {
            let [_, _, _, high, low, wide, narrow, ..] = segment else { return None };
            frame = (*high, *low) != (0, 0) && (*wide, *narrow) != (0, 0);
        }
        rest = after;
    }
}

/// The start, and the mark of the end near it.
fn pdf(bytes: &[u8]) -> bool {
    let tail = bytes.get(bytes.len().saturating_sub(limits::PDF_TAIL_BYTES)..).unwrap_or_default();
    bytes.starts_with(b"%PDF-") && tail.windows(5).any(|five| five == b"%%EOF")
}
