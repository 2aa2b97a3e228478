//! Files that come with a form: from the body of a request to what they go with, in the pieces of the use case.

use super::backend::{Backend, read};
use crate::api::care::{AttachTo, AttachingView, AttachmentPart, AttachmentView, Care, Upload};
use crate::api::{Failure, Outcome};
use crate::usecases::staff::StaffSession;
use belay_protocol::limits;
use belay_protocol::referral::attachment::digest;
use belay_protocol::sensitive::Personal;
use data_encoding::{BASE64, HEXLOWER};
use zeroize::Zeroizing;

/// A file as it was posted. Its name is the browser's word, its bytes are wiped when dropped.
#[derive(Default)]
pub struct File {
    pub name: Personal<String>,
    pub bytes: Zeroizing<Vec<u8>>,
}

/// Attaches a file: asks first, then sends the chunks that are not there, then the manifest. What is too large, or of none of the
/// types by its content, is refused before anything is kept.
///
/// # Errors
/// As the use case.
pub async fn attach(
    backend: &dyn Backend,
    seat: &StaffSession,
    to: &AttachTo,
    file: File,
    text: Personal<String>,
) -> Outcome<AttachmentView> {
    let upload = Upload::new(to.clone(), file.name.reveal(), &file.bytes)?;
    let here: AttachingView = backend.view(seat, upload.ask()).await?;
    for some in here.missing.chunks(limits::CHUNKS_AT_ONCE) {
        let _: AttachingView = backend.view(seat, upload.put(some)).await?;
    }
    backend.view(seat, upload.finish(text)).await
}

/// A whole file on its way out.
///
/// # Errors
/// As the use case; a file that is not what its name says.
pub async fn fetch(
    backend: &dyn Backend,
    seat: &StaffSession,
    attachment: &str,
    thread: Option<&str>,
) -> Outcome<(AttachmentView, Zeroizing<Vec<u8>>)> {
    let (attachment, thread) = (attachment.to_owned(), thread.map(str::to_owned));
    let part = |from| Care::AttachmentPart { attachment: attachment.clone(), thread: thread.clone(), from };
    gather(backend, seat, part).await
}

/// The picture that a form of this person was signed with, for a page.
///
/// # Errors
/// As [`fetch`].
pub async fn signature(
    backend: &dyn Backend,
    seat: &StaffSession,
    person: &str,
    file: &str,
) -> Outcome<(AttachmentView, Zeroizing<Vec<u8>>)> {
    let part = |from| Care::SignaturePart { person: person.into(), file: file.to_owned(), from };
    gather(backend, seat, part).await
}

async fn gather(
    backend: &dyn Backend,
    seat: &StaffSession,
    ask: impl Fn(u32) -> Care + Send + Sync,
) -> Outcome<(AttachmentView, Zeroizing<Vec<u8>>)> {
    let (mut bytes, mut from) = (Zeroizing::new(Vec::new()), 0);
    loop {
        let part: AttachmentPart = read(backend.ask(seat, ask(from)).await?)?;
        for chunk in &part.chunks {
            let decoded = BASE64.decode(chunk.reveal().as_bytes());
            bytes.extend_from_slice(&decoded.map_err(|_| Failure::failed("a part of the file is not base64"))?);
        }
        match part.next {
            Some(next) if bytes.len() as u64 <= limits::ATTACHMENT_BYTES => from = next,
            Some(_) | None => {
                if HEXLOWER.encode(&digest(&bytes)) != part.attachment.id {
                    return Err(Failure::failed("the file is not the one that was attached"));
                }
                return Ok((part.attachment, bytes));
            }
        }
    }
}
