//! Calls that staff have to make, and those that were made.

use super::{Page, Show, when};
use belay_node::api::care::{CallView, CallsView, DoneView, HeardView, PhoneView, SpokenView, WhoseView};

fn telephone(name: &str, phone: Option<&PhoneView>) -> String {
    phone.map_or_else(
        || format!("Telephone {name}, and say:"),
        |phone| format!("Telephone {name}: {} {}, and say:", phone.who, phone.telephone),
    )
}

impl Show for HeardView {
    fn show(&self, page: &mut Page) {
        page.line(telephone(&self.keeper, self.phone.as_ref())).line(self.says.reveal()).line(&self.note);
        page.line(format!("It stands in the list until they were told: belay consent told {}", self.call.short()));
    }
}

impl Show for CallView {
    fn show(&self, page: &mut Page) {
        page.line(format!("{} about {}, by {}", self.id.short(), self.name.reveal(), when(self.due.by)));
        page.line(telephone(&self.to_name, self.due.phone.as_ref())).line(self.says.reveal());
        if let Some(note) = &self.note {
            page.line(note);
        }
        if let Some(whose) = &self.whose {
            whose.show(page);
        }
        spoken(page, &self.before);
    }
}

impl Show for WhoseView {
    fn show(&self, page: &mut Page) {
        let (staff, at) = (self.staff.reveal(), when(self.at));
        match self.person {
            Some(person) => {
                let name = self.name.reveal();
                page.line(format!("It is about {name} ({}), says {staff}, {at}.", person.short()));
            }
            None => {
                page.line(format!("It is about nobody of ours, says {staff}, {at}."));
            }
        }
    }
}

impl Show for DoneView {
    fn show(&self, page: &mut Page) {
        page.line(format!("{} to {}, about {}", self.id.short(), self.to_name, self.name.reveal()));
        if let Some(whose) = &self.whose {
            whose.show(page);
        }
        spoken(page, &self.words);
    }
}

fn spoken(page: &mut Page, words: &[SpokenView]) {
    for word in words {
        let (at, staff) = (when(word.at), word.staff.reveal());
        page.line(match &word.reopened {
            Some(why) => format!("  {at} {staff}: not made after all: {}", why.reveal()),
            None if word.with.reveal().is_empty() => format!("  {at} {staff}: {}", word.says.reveal()),
            None => format!("  {at} {staff} to {}: {}", word.with.reveal(), word.says.reveal()),
        });
    }
}

impl Show for CallsView {
    fn show(&self, page: &mut Page) {
        if self.calls.is_empty() && self.done.is_empty() {
            page.line("There is no such call.");
        }
        for call in &self.calls {
            call.show(page);
            page.line(format!("Next, once they were told: {}", call.due.next));
            page.gap();
        }
        for call in &self.done {
            call.show(page);
            page.gap();
        }
        if let Some(more) = &self.more {
            page.line(format!("There are more: --after {more}"));
        }
    }
}
