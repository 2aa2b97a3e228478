use super::super::drawing::harmless;
use super::*;

fn png(length: usize) -> Vec<u8> {
    let mut bytes = b"\x89PNG\r\n\x1a\n".to_vec();
    bytes.extend((bytes.len()..length).map(|i| u8::try_from(i % 251).unwrap_or(0)));
    bytes
}

#[test]
fn the_type_is_told_by_content_and_never_by_name() {
    assert_eq!(Media::sniff(b"%PDF-1.7\n"), Some(Media::Pdf));
    assert_eq!(Media::sniff(&png(20)), Some(Media::Png));
    assert_eq!(Media::sniff(b"\xff\xd8\xff\xe0"), Some(Media::Jpeg));
    assert_eq!(Media::sniff("Estado: bien, señora\n".as_bytes()), Some(Media::Text));
    for refused in [&b"MZ\x90\0\x03"[..], b"PK\x03\x04", b"\x7fELF", b"\x1f\x8b\x08", b"", b"a\0b", b"\xd0\xcf\x11\xe0"]
    {
        assert_eq!(Media::sniff(refused), None, "{refused:?}");
        assert!(Manifest::of("letter.pdf", refused).is_err());
    }
}

#[test]
fn a_file_of_24_mb_is_cut_and_one_of_26_mb_is_refused() {
    let manifest = Manifest::of("scan.png", &png(24_000_000)).expect("fits");
    assert_eq!(manifest.chunks.len(), 196);
    let refused = Manifest::of("scan.png", &png(26_000_000)).expect_err("too large");
    assert!(refused.message.contains("25 MB"), "{refused}");
}

#[test]
fn each_chunk_is_checked_for_length_content_and_type() {
    let bytes = png(limits::CHUNK_BYTES + 10);
    let manifest = Manifest::of("scan.png", &bytes).expect("fits");
    let (first, last) = bytes.split_at(limits::CHUNK_BYTES);
    manifest.check_chunk(0, first).expect("whole");
    manifest.check_chunk(1, last).expect("whole");
    let mut damaged = last.to_vec();
    damaged[3] ^= 1;
    assert!(manifest.check_chunk(1, &damaged).is_err());
    assert!(manifest.check_chunk(0, last).is_err() && manifest.check_chunk(2, last).is_err());
    // A manifest may claim what it likes: the first chunk tells the type.
    let claims = Manifest { media: Media::Pdf, ..manifest };
    assert!(claims.check_chunk(0, first).is_err());
}

#[test]
fn a_program_behind_some_text_is_no_text() {
    let mut bytes = vec![b'a'; limits::CHUNK_BYTES];
    bytes.extend_from_slice(b"\x7fELF\0\0\0");
    let manifest = Manifest::of("notes.txt", &bytes).expect("begins as text");
    assert!(manifest.check_chunk(1, b"\x7fELF\0\0\0").is_err());
}

#[test]
fn a_letter_that_is_cut_between_two_chunks_is_still_text() {
    let mut bytes = vec![b'a'; limits::CHUNK_BYTES - 1];
    bytes.extend_from_slice("ñandú".as_bytes());
    let manifest = Manifest::of("notas.txt", &bytes).expect("text");
    let (first, last) = bytes.split_at(limits::CHUNK_BYTES);
    manifest.check_chunk(0, first).expect("cut at its end");
    manifest.check_chunk(1, last).expect("cut at its start");
}

#[test]
fn names_hold_no_path() {
    for name in ["", " ", "../../etc/passwd", "a\\b", "a\nb"] {
        assert!(Manifest::of(name, b"text").is_err(), "{name:?}");
    }
}

#[test]
fn a_drawing_is_lines_and_nothing_else() {
    let lines = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 200 50\"><path d=\"M0 0 L10 10.5\" stroke=\"#000\"/></svg>";
    assert!(harmless(lines.as_bytes()));
    assert_eq!(Media::sniff(lines.as_bytes()), Some(Media::Drawing));
    assert!(harmless(b"<svg ><g transform=\"rotate(3)\"><path d=\"M0 0\"/></g></svg>"), "inside of its place");
    for bad in [
        "<svg onload=\"alert(1)\"></svg>",
        "<svg ><script>alert(1)</script></svg>",
        "<svg ><path d=\"M0 0\" fill=\"url(http://x)\"/></svg>",
        "<svg ><image href=\"http://x\"/></svg>",
        "<svg ><path d=\"M0 0\"/>text</svg>",
        "<svg ><!-- c --></svg>",
        "<svg ><g></svg>",
        "<svg ></svg></g>",
        "<!DOCTYPE svg><svg ></svg>",
        "<svg ><path d='M0 0'/></svg>",
        "<svg transform=\"translate(0 -400)\"><path d=\"M0 0\"/></svg>",
    ] {
        assert!(!harmless(bad.as_bytes()), "{bad}");
    }
}

/// A PNG of one row as its chunks say.
fn built(chunks: &[(&[u8; 4], &[u8])]) -> Vec<u8> {
    let mut bytes = b"\x89PNG\r\n\x1a\n".to_vec();
    for (kind, body) in chunks {
        bytes.extend_from_slice(&u32::try_from(body.len()).unwrap_or(0).to_be_bytes());
        bytes.extend_from_slice(&[*kind, *body, &[0; 4]].concat());
    }
    bytes
}

#[test]
fn a_picture_without_a_size_pixels_or_an_end_and_a_paper_cut_short_are_not_legible() {
    let size: &[u8] = &[0, 0, 2, 0, 0, 0, 1, 0, 8, 2, 0, 0, 0];
    let whole = built(&[(b"IHDR", size), (b"IDAT", b"rows"), (b"IEND", b"")]);
    assert!(Media::Png.is_legible(&whole));
    let flat: &[u8] = &[0, 0, 2, 0, 0, 0, 0, 0, 8, 2, 0, 0, 0];
    for not in [
        built(&[(b"IHDR", flat), (b"IDAT", b"rows"), (b"IEND", b"")]),
        built(&[(b"IDAT", b"rows"), (b"IEND", b"")]),
        built(&[(b"IHDR", size), (b"IEND", b"")]),
        built(&[(b"IHDR", size), (b"IDAT", b"rows")]),
        whole[..whole.len() - 2].to_vec(),
        png(600),
    ] {
        assert!(!Media::Png.is_legible(&not), "{not:?}");
    }
    let jpeg = |frame: &[u8], end: &[u8]| {
        [b"\xff\xd8\xff\xe0\0\x04ab\xff\xc0\0\x08\x08", frame, b"\x01\xff\xda\0\x02rows", end].concat()
    };
    assert!(Media::Jpeg.is_legible(&jpeg(&[0, 9, 0, 9], b"\xff\xd9")));
    for not in [jpeg(&[0, 0, 0, 9], b"\xff\xd9"), jpeg(&[0, 9, 0, 0], b"\xff\xd9"), jpeg(&[0, 9, 0, 9], b"")] {
        assert!(!Media::Jpeg.is_legible(&not), "{not:?}");
    }
    assert!(!Media::Jpeg.is_legible(b"\xff\xd8\xff\xda\0\x02rows\xff\xd9"), "no frame");
    assert!(Media::Pdf.is_legible(b"%PDF-1.7\n1 0 obj\nstartxref\n0\n%%EOF\n"));
    assert!(!Media::Pdf.is_legible(b"%PDF-1.7\n1 0 obj\n"));
    assert!(!Media::Pdf.is_legible(&[b"%PDF-1.7\n%%EOF\n".as_slice(), &[b' '; 2_000]].concat()), "far from its end");
}
