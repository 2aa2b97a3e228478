//! What came of the forms of one session: a form that is sent twice is done once, and answered twice.
//!
//! Browsers send a form again when a button is pressed twice, or a page is loaded anew. The second sending waits for the first, which
//! may still be under way, and is answered as the first was. What was refused did nothing, so that it may be sent again.
//!
//! It is bounded: of the answers that are pages the newest are kept, of the others that something was done; and a form that is older
//! than all of that is refused, so that nothing is done twice because it was forgotten.

use crate::http::csrf::FormId;
use axum::http::{HeaderMap, StatusCode};
use belay_protocol::limits;
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::sync::watch;
use zeroize::Zeroizing;

/// What a form was answered with. Not shown by `Debug`: pages name people.
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    /// `None`: a page that is not kept.
    pub body: Option<Zeroizing<Vec<u8>>>,
    /// The sentence that it left for the next page.
    pub notice: Option<String>,
}

/// A form that is being done; where what came of it is left. Dropped without that, the form was refused.
pub type Doing = watch::Sender<Option<Arc<Answer>>>;
/// What comes, or came, of a form; closed without an answer if it was refused.
pub type Done = watch::Receiver<Option<Arc<Answer>>>;

/// A form as it comes in.
#[derive(Debug)]
pub enum Sending {
    /// For the first time: it is to be done.
    First(Doing),
    /// Once more.
    Again(Done),
    /// Once more, with something else in it: neither is it what was done, nor is it done.
    Changed,
    /// It is older than what is remembered.
    Forgotten,
}

struct Sent {
    /// SHA-256 of what stood in it.
    said: [u8; 32],
    done: Done,
}

/// The forms of one session.
#[derive(Default)]
pub struct Forms {
    sent: BTreeMap<FormId, Sent>,
    /// Of forms with a lower number it is not known any more whether they were sent, but for those in `sent`.
    forgotten: FormId,
}

impl Forms {
    /// A form comes in, with `said` in it.
    pub fn send(&mut self, form: FormId, said: [u8; 32]) -> Sending {
        self.sent.retain(|_, sent| !sent.was_refused());
        match self.sent.get(&form) {
            Some(sent) if sent.said == said => return Sending::Again(sent.done.clone()),
            Some(_) => return Sending::Changed,
            None if form < self.forgotten => return Sending::Forgotten,
            None => {}
        }
        self.shorten();
        if self.sent.len() >= limits::FORMS_REMEMBERED {
            // All of them are under way.
            return Sending::Forgotten;
        }
        let (doing, done) = watch::channel(None);
        self.sent.insert(form, Sent { said, done });
        Sending::First(doing)
    }

    /// Lets go of the oldest: of pages first, then of whole answers.
    fn shorten(&mut self) {
        let mut left = limits::FORM_PAGES_BYTES;
        for sent in self.sent.values_mut().rev() {
            match left.checked_sub(sent.page_bytes()) {
                Some(less) => left = less,
                None => sent.let_page_go(),
            }
        }
        while self.sent.len() >= limits::FORMS_REMEMBERED {
            let Some(oldest) = self.sent.iter().find(|(_, sent)| sent.is_done()).map(|(form, _)| *form) else { return };
            self.sent.remove(&oldest);
            self.forgotten = self.forgotten.max(oldest.saturating_add(1));
        }
    }
}

impl Sent {
    fn is_done(&self) -> bool {
        self.done.borrow().is_some()
    }

    /// Nobody does it any more, and nothing came of it. Asked in this order, since an answer comes before its sender goes.
    fn was_refused(&self) -> bool {
        self.done.has_changed().is_err() && !self.is_done()
    }

    fn page_bytes(&self) -> usize {
        self.done.borrow().as_ref().and_then(|answer| answer.body.as_ref()).map_or(0, |body| body.len())
    }

    fn let_page_go(&mut self) {
        let kept = self.done.borrow().as_ref().map(|answer| {
            let (status, headers, notice) = (answer.status, answer.headers.clone(), answer.notice.clone());
            Arc::new(Answer { status, headers, body: None, notice })
        });
        let (_, done) = watch::channel(kept);
        self.done = done;
    }
}

impl std::fmt::Debug for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "[answer {}]", self.status)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(bytes: usize) -> Option<Arc<Answer>> {
        let body = Some(Zeroizing::new(vec![b'a'; bytes]));
        Some(Arc::new(Answer { status: StatusCode::OK, headers: HeaderMap::new(), body, notice: None }))
    }

    fn first(forms: &mut Forms, form: FormId) -> Doing {
        match forms.send(form, [1; 32]) {
            Sending::First(doing) => doing,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_form_is_done_once_also_while_it_is_under_way_and_what_was_refused_again() {
        let mut forms = Forms::default();
        let doing = first(&mut forms, 3);
        let Sending::Again(waiting) = forms.send(3, [1; 32]) else { panic!("not done yet, and sent again") };
        assert!(matches!(forms.send(3, [2; 32]), Sending::Changed));
        assert!(waiting.borrow().is_none());
        drop(doing);
        let doing = first(&mut forms, 3);
        doing.send_replace(page(4));
        drop(doing);
        let Sending::Again(done) = forms.send(3, [1; 32]) else { panic!("done before") };
        assert_eq!(done.borrow().as_ref().unwrap().body.as_ref().unwrap().len(), 4);
        assert!(matches!(forms.send(3, [2; 32]), Sending::Changed));
        drop(first(&mut forms, 2));
    }

    #[test]
    fn what_is_remembered_is_bounded_and_what_is_forgotten_is_not_done_again() {
        let mut forms = Forms::default();
        let bound = limits::FORMS_REMEMBERED as u64;
        let under_way = first(&mut forms, 0);
        for form in 1..=2 * bound {
            first(&mut forms, form).send_replace(page(limits::FORM_PAGES_BYTES / 2));
            assert!(forms.sent.len() <= limits::FORMS_REMEMBERED);
        }
        assert!(matches!(forms.send(0, [1; 32]), Sending::Again(_)), "what is under way is never forgotten");
        assert!(matches!(forms.send(1, [1; 32]), Sending::Forgotten), "and not done again");
        let bytes = |forms: &mut Forms, form| match forms.send(form, [1; 32]) {
            Sending::Again(done) => done.borrow().as_ref().unwrap().body.as_ref().map(|body| body.len()),
            other => panic!("{other:?}"),
        };
        assert_eq!(bytes(&mut forms, 2 * bound), Some(limits::FORM_PAGES_BYTES / 2));
        assert_eq!(bytes(&mut forms, 2 * bound - 4), None, "that it was done is remembered, and its page is not");
        let pages: usize = forms.sent.values().map(Sent::page_bytes).sum();
        assert!(pages <= limits::FORM_PAGES_BYTES + limits::FORM_PAGES_BYTES / 2, "{pages}");
        drop(under_way);
        assert!(matches!(forms.send(0, [1; 32]), Sending::Forgotten));
    }

    #[test]
    fn as_many_as_are_remembered_may_be_under_way() {
        let mut forms = Forms::default();
        let all: Vec<Doing> = (0..limits::FORMS_REMEMBERED as u64).map(|form| first(&mut forms, form)).collect();
        assert!(matches!(forms.send(9_999, [1; 32]), Sending::Forgotten));
        drop(all);
        drop(first(&mut forms, 9_999));
    }
}
