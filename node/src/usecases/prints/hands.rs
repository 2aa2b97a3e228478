//! What somebody signed with, on the form: what was drawn as lines is drawn again; a picture stands on a page of ours, which has it from this
//! node; what else was kept is named, and leads to its file.

use crate::api::care::SignedWith;
use crate::forms::words::fill;
use crate::forms::{Block, Seen, Sheet};
use crate::usecases::attachments::{self, described};
use belay_protocol::engine::Step;
use belay_protocol::fault::Result;
use belay_protocol::ids::PersonId;
use belay_protocol::referral::attachment::{Manifest, Media};
use belay_protocol::sensitive::Personal;
use data_encoding::HEXLOWER;

/// What the markup of a page does without, and a file by itself does not.
const NAMESPACE: &str = " xmlns=\"http://www.w3.org/2000/svg\"";

/// Puts in what was signed with by this person, or beside or for them. `page`: one of this node's pages, which leads to its files.
pub(super) fn fill_in(step: &mut Step<'_>, person: PersonId, sheet: &mut Sheet, page: bool) -> Result<()> {
    let words = sheet.lang.words();
    for block in &mut sheet.blocks {
        let Block::Hand { file, seen, .. } = block else { continue };
        let Some((manifest, missing)) = attachments::signed_with(step, person, file)? else {
            *seen = Seen::Named { text: words.consent_hand_not_here.to_owned(), href: None };
            continue;
        };
        let text = fill(words.consent_hand_file, &[("file", &described(&manifest))]);
        if missing > 0 {
            *seen = Seen::Named { text: format!("{text} {}", words.consent_hand_not_here), href: None };
            continue;
        }
        let at = |part: &str| format!("/persons/{person}/{part}/{}", HEXLOWER.encode(file));
        *seen = match lines(step, &manifest)? {
            Some(lines) => Seen::Lines(lines),
            None if page && attachments::is_picture(&manifest) => {
                Seen::Picture { src: at("signatures"), text, href: at("files") }
            }
            None => Seen::Named { text, href: page.then(|| at("files")) },
        };
    }
    Ok(())
}

/// The markup of a drawing that is lines and nothing else. A picture is no markup.
fn lines(step: &mut Step<'_>, manifest: &Manifest) -> Result<Option<String>> {
    if manifest.media != Media::Drawing {
        return Ok(None);
    }
    let mut text = String::new();
    for (at, chunk) in manifest.chunks.iter().enumerate() {
        let part = attachments::in_private(step, chunk)?;
        // Asked here as well: what stands in a page as markup is let in by nobody's word.
        let Some(part) = part.filter(|part| manifest.check_chunk(at, &part.0).is_ok()) else { return Ok(None) };
        let Ok(part) = std::str::from_utf8(&part.0) else { return Ok(None) };
        text.push_str(part.trim());
    }
    Ok(Some(text.replace(NAMESPACE, "")))
}

/// The files that a form was signed with and that are no lines: who wants to look at one takes it out.
pub(in crate::usecases) fn files(step: &mut Step<'_>, person: PersonId, sheet: &Sheet) -> Result<Vec<SignedWith>> {
    let mut files: Vec<SignedWith> = Vec::new();
    for block in &sheet.blocks {
        let Block::Hand { file, .. } = block else { continue };
        let Some((manifest, missing)) = attachments::signed_with(step, person, file)? else { continue };
        let id = HEXLOWER.encode(file);
        if manifest.media != Media::Drawing && files.iter().all(|known| known.id != id) {
            files.push(SignedWith { id, file: Personal::new(described(&manifest)), here: missing == 0 });
        }
    }
    Ok(files)
}
