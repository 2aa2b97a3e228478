//! Coming back: a node that the root of a member certified asks any member's node for the coalition. For a second node of an
//! organisation, and for one that lost all but its phrase.
//!
//! Who answers is believed in nothing but the entries, which are signed: what it leaves out comes by sync from others. That it may
//! show another coalition than the one that was lost is seen once the organisation's own records are open, and by six words.

use super::joiner::check_page;
use super::message::Return;
use super::{Answer, Approved, Request};
use crate::coalition::invite::Refusal;
use crate::fault::{Fault, Result};
use crate::ids::SpaceId;
use crate::keys::Certificate;

/// One such conversation. Nothing of it is kept: whoever is cut off begins anew.
#[derive(Debug)]
pub struct Returning {
    certificate: Certificate,
    coalition: Option<SpaceId>,
    from: u32,
}

impl Returning {
    /// By this certificate, which names the node that speaks.
    #[must_use]
    pub const fn new(certificate: Certificate) -> Self {
        Self { certificate, coalition: None, from: 0 }
    }

    /// What to say next.
    #[must_use]
    pub fn request(&self) -> Request {
        Request::Return(Box::new(Return { certificate: self.certificate.clone(), from: self.from }))
    }

    /// Takes an answer. Its page is to be offered to the coalition's space; the last one has no `next`.
    ///
    /// # Errors
    /// `NotPermitted` with the sentence for the person, if this node is refused; `Misbehaved` for what is not the coalition.
    pub fn answered(&mut self, bytes: &[u8]) -> Result<Approved> {
        let page = match Answer::decode(bytes)? {
            Answer::Approved(page) => page,
            Answer::Refused(code) => return Err(Fault::not_permitted(Refusal::from_code(code).to_newcomer())),
            Answer::Welcome(_) | Answer::Pending | Answer::Here(_) => {
                return Err(Fault::misbehaved("return: the answer to an invite, and none was shown"));
            }
        };
        let coalition = *self.coalition.get_or_insert(page.coalition);
        if page.from != self.from {
            return Err(Fault::misbehaved("return: another page than was asked for"));
        }
        check_page(&page, coalition)?;
        self.from = page.next.unwrap_or(self.from);
        Ok(page)
    }
}
